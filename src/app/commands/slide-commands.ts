import { unhurried } from '#channel/waits.ts';
import type { Workbench } from '../workbench.ts';
import { type Command, command } from './command.ts';

/** Samples offered by name; any other seed opens by its address, phantom:SEED. */
export const SAMPLE_SEEDS = [1, 2, 3, 4] as const;

export const noSlideOpen =
  ({ stores }: Workbench) =>
  (): string | undefined =>
    stores.slide.getState().open ? undefined : 'Open a slide first';

export function slideCommands(bench: Workbench): readonly Command[] {
  const { stores, slides, viewer } = bench;
  const whyNot = noSlideOpen(bench);
  return [
    command({
      id: 'slide.open',
      group: 'Slide',
      label: 'Open a slide…',
      keys: ['Ctrl O'],
      run: () => stores.window.setState({ popover: 'open' }),
    }),
    ...SAMPLE_SEEDS.map((seed) =>
      command({
        id: `slide.sample${seed}`,
        group: 'Slide',
        label: `Open sample ${seed}, synthetic colon`,
        run: async () => void (await slides.open(`phantom:${seed}`, unhurried())),
      }),
    ),
    command({
      id: 'slide.again',
      group: 'Slide',
      label: 'Try the address again',
      whyNot: () => (stores.slide.getState().problem?.address ? undefined : 'Nothing failed to open'),
      run: async () => {
        const address = stores.slide.getState().problem?.address;
        if (address) await slides.open(address, unhurried());
      },
    }),
    command({
      id: 'slide.reopen',
      group: 'Slide',
      label: 'Read the slide anew',
      whyNot,
      run: async () => (await import('../slide-changed.ts')).reopen(bench),
    }),
    command({
      id: 'slide.close',
      group: 'Slide',
      label: 'Close the slide',
      whyNot,
      run: async () => {
        const { tab } = stores.slide.getState();
        if (tab !== undefined) await slides.closeTab(tab, unhurried());
      },
    }),
    ...([1, -1] as const).map((step) =>
      command({
        id: step === 1 ? 'slide.next' : 'slide.previous',
        group: 'Slide',
        label: step === 1 ? 'Next open slide' : 'Previous open slide',
        keys: [step === 1 ? '>' : '<'],
        whyNot: () => (stores.slide.getState().tabs.length > 1 ? undefined : 'No other slide is open'),
        run: async () => {
          const id = slides.tabBeside(step);
          if (id !== undefined) await slides.showTab(id, unhurried());
        },
      }),
    ),
    ...([1, -1] as const).map((step) =>
      command({
        id: step === 1 ? 'slide.nextChannel' : 'slide.previousChannel',
        group: 'Slide',
        label: step === 1 ? 'Show the next channel' : 'Show the previous channel',
        keys: [step === 1 ? '}' : '{'],
        whyNot: () => whyNot() ?? (stores.slide.getState().open?.channels ? undefined : 'The slide has one channel'),
        run: async () => {
          const { channels } = stores.slide.getState().open ?? {};
          if (!channels) return;
          const { names, shown } = channels;
          await slides.choose({ channel: (shown + step + names.length) % names.length }, unhurried());
        },
      }),
    ),
    ...([1, -1] as const).map((step) =>
      command({
        id: step === 1 ? 'slide.nextPlane' : 'slide.previousPlane',
        group: 'Slide',
        label: step === 1 ? 'Focus on the next plane' : 'Focus on the previous plane',
        keys: [step === 1 ? ')' : '('],
        whyNot: () => {
          const { planes } = stores.slide.getState().open ?? {};
          if (!planes) return whyNot() ?? 'The slide has one focal plane';
          return planes.names[planes.shown + step] === undefined ? 'There is no further plane' : undefined;
        },
        run: async () => {
          const { planes } = stores.slide.getState().open ?? {};
          if (planes) await slides.choose({ plane: planes.shown + step }, unhurried());
        },
      }),
    ),
    command({
      id: 'slide.calibrate',
      group: 'Slide',
      label: 'Set the pixel size…',
      whyNot,
      run: () => stores.window.setState({ popover: 'calibration' }),
    }),
    command({
      id: 'slide.info',
      group: 'Slide',
      label: 'Show all slide information',
      whyNot,
      run: () => stores.window.setState({ sheet: 'slide' }),
    }),
    command({
      id: 'slide.label',
      group: 'Slide',
      label: 'Show the label and other images…',
      whyNot: () =>
        whyNot() ?? (stores.slide.getState().open?.info.associated.length ? undefined : 'The slide has none'),
      run: () => stores.window.setState({ sheet: 'slide' }),
    }),
    command({
      id: 'slide.gaps',
      group: 'Slide',
      label: 'List the tiles that were not read',
      whyNot: () => (stores.slide.getState().gaps > 0 ? undefined : 'All tiles seen so far were read'),
      run: () => stores.window.setState(({ popover }) => ({ popover: popover === 'gaps' ? undefined : 'gaps' })),
    }),
    command({
      id: 'slide.retryGaps',
      group: 'Slide',
      label: 'Read failed tiles again',
      whyNot: () => (stores.slide.getState().gaps > 0 ? undefined : 'All tiles seen so far were read'),
      run: () => viewer.retryGaps(),
    }),
  ];
}
