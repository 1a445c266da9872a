// The tokens of UI.md, as CSS variables that Mantine's own parts and ours share. Chrome is grey of zero chroma.
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const GREY_DARK: MantineColorsTuple = [
  '#ededed',
  '#bcbcbc',
  '#9b9b9b',
  '#848484',
  '#333333',
  '#363636',
  '#292929',
  '#1e1e1e',
  '#181818',
  '#111111',
];
const GREY_LIGHT: MantineColorsTuple = [
  '#f7f7f7',
  '#ececec',
  '#e8e8e8',
  '#d9d9d9',
  '#d2d2d2',
  '#cdcdcd',
  '#7a7a7a',
  '#5f5f5f',
  '#454545',
  '#1a1a1a',
];
/** Index 5 is the accent on dark, 7 and 8 the fills, 9 the accent on light. */
const EOSIN: MantineColorsTuple = [
  '#f6dde6',
  '#ffc9dc',
  '#ffb0cb',
  '#ff9cbf',
  '#ff90b7',
  '#ff86b0',
  '#e2588c',
  '#c42d66',
  '#b8265c',
  '#a81b50',
];

export const theme = createTheme({
  fontFamily: "'Inter Variable', Inter, system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono', ui-monospace, monospace",
  defaultRadius: 3,
  primaryColor: 'eosin',
  primaryShade: { light: 8, dark: 7 },
  colors: { dark: GREY_DARK, gray: GREY_LIGHT, eosin: EOSIN },
  fontSizes: { xs: '11px', sm: '12px', md: '12px', lg: '14px', xl: '15px' },
  lineHeights: { xs: '14px', sm: '16px', md: '16px', lg: '20px', xl: '20px' },
  spacing: { xs: '4px', sm: '6px', md: '8px', lg: '12px', xl: '16px' },
  respectReducedMotion: true,
  cursorType: 'default',
  components: {
    Popover: {
      styles: { dropdown: { background: 'var(--panel)', borderColor: 'var(--ctl)', boxShadow: 'var(--shadow)' } },
    },
    Menu: {
      styles: { dropdown: { background: 'var(--panel)', borderColor: 'var(--ctl)', boxShadow: 'var(--shadow)' } },
    },
    Tooltip: {
      styles: {
        tooltip: {
          background: 'var(--panel)',
          color: 'var(--t1)',
          border: '1px solid var(--ctl)',
          boxShadow: 'var(--shadow)',
          padding: '4px 8px',
          maxWidth: 320,
          whiteSpace: 'normal',
        },
      },
    },
  },
});

const dark = {
  '--void': '#111111',
  '--bar': '#181818',
  '--panel': '#1e1e1e',
  '--raise': '#292929',
  '--press': '#363636',
  '--line': '#333333',
  '--ctl': '#848484',
  '--t1': '#ededed',
  '--t2': '#bcbcbc',
  '--t3': '#9b9b9b',
  '--accent': '#ff86b0',
  '--sel': '#3d2a32',
  '--fill': '#c42d66',
  '--fill-edge': '#8d1843',
  '--good': '#6fcf8f',
  '--warn': '#f2b84b',
  '--bad': '#ff8373',
  '--track': '#555555',
  '--shadow': '0 6px 24px rgba(0, 0, 0, 0.5)',
};

const light: typeof dark = {
  '--void': '#cdcdcd',
  '--bar': '#ececec',
  '--panel': '#f7f7f7',
  '--raise': '#e8e8e8',
  '--press': '#d9d9d9',
  '--line': '#d2d2d2',
  '--ctl': '#7a7a7a',
  '--t1': '#1a1a1a',
  '--t2': '#454545',
  '--t3': '#5f5f5f',
  '--accent': '#a81b50',
  '--sel': '#f6dde6',
  '--fill': '#b8265c',
  '--fill-edge': '#861540',
  '--good': '#1c6b39',
  '--warn': '#805300',
  '--bad': '#b3261e',
  '--track': '#c4c4c4',
  '--shadow': '0 6px 24px rgba(0, 0, 0, 0.22)',
};

const mantineFrom = (tokens: typeof dark): Record<string, string> => ({
  ...tokens,
  '--mantine-color-body': tokens['--panel'],
  '--mantine-color-text': tokens['--t1'],
  '--mantine-color-dimmed': tokens['--t3'],
  '--mantine-color-default': tokens['--panel'],
  '--mantine-color-default-hover': tokens['--raise'],
  '--mantine-color-default-border': tokens['--ctl'],
  '--mantine-color-placeholder': tokens['--t3'],
  '--mantine-color-error': tokens['--bad'],
  '--mantine-color-anchor': tokens['--accent'],
});

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  dark: mantineFrom(dark),
  light: mantineFrom(light),
});
