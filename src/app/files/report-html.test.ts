import { expect, test } from 'vitest';
import { html } from './html.ts';
import { type ReportFacts, regionWords, reportPage, viewWords } from './report-html.ts';
import { barPlot, histogramPlot } from './report-plots.ts';

const EVIL = "<script>alert(1)</script>\" onload='x' &amp;";

const facts: ReportFacts = {
  program: EVIL,
  made: EVIL,
  slide: [[EVIL, EVIL]],
  picture: { data: `data:image/png;base64,AAAA"${EVIL}`, said: EVIL },
  runs: [{ model: EVIL, sha256: EVIL, region: EVIL, started: EVIL, state: EVIL, patches: EVIL }],
  last: { device: EVIL, why: EVIL, seconds: 3 },
  models: [{ name: EVIL, id: EVIL, sha256: EVIL, licence: EVIL, mpp: 0.5 }],
  trust: { headline: EVIL, sentence: EVIL, precision: EVIL },
  areaPx: 16_000_000,
  pixelUm2: 0.0625,
  kinds: [
    {
      kind: 'nuclei',
      title: 'Nucleus',
      isRun: true,
      rows: [
        { name: EVIL, color: EVIL, count: 500, areaPx: 800_000 },
        { name: 'B', color: '#fff', count: 0, areaPx: 0 },
      ],
    },
    {
      kind: 'annotations',
      title: 'Annotation',
      isRun: false,
      rows: [{ name: 'Tumor', color: '#c80000', count: 2, areaPx: 1000 }],
    },
  ],
  tissue: [{ name: EVIL, color: EVIL, share: 0.25 }],
  attention: [EVIL],
  plots: [histogramPlot(EVIL, EVIL, { low: 0, high: 10, counts: Uint32Array.of(1, 4), below: 1, above: 2 }, 5)],
  failures: [EVIL],
};

test('no text of others becomes markup, and the page runs and loads nothing', () => {
  const page = reportPage(facts);
  expect(page).not.toMatch(/<script/i);
  expect(page).not.toMatch(/\son\w+=['"]?x/i);
  expect(page.match(/&lt;script&gt;/g)?.length).toBeGreaterThan(20);
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`);
  expect([...page.matchAll(/(?:src|href)="([^"]*)/g)].every(([, to]) => to?.startsWith('data:'))).toBe(true);
});

test('densities are per mm² of what was analysed; annotations have none', () => {
  const page = reportPage(facts);
  expect(page).toContain('Analysed: 1 mm².');
  const rows = [...page.matchAll(/<td class="n">([^<]*)<\/td>/g)].map(([, cell]) => cell);
  expect(rows.slice(2, 6)).toEqual(['500', '500', '50,000', '5.0 %']);
  expect(rows.slice(-4)).toEqual(['2', '', '63', '']);
});

test('areas of one table are in one unit, that of the largest', () => {
  const areas = (pixelUm2: number | undefined): string[] => {
    const cells = [...reportPage({ ...facts, pixelUm2 }).matchAll(/<(?:td|th) class="n">([^<]*)<\/t[dh]>/g)];
    const [, ...after] = cells
      .map(([, cell = '']) => cell)
      .join('|')
      .split('Area, ');
    return after.join('').split('|');
  };
  expect([areas(0.0625)[0], areas(0.0625)[4]]).toEqual(['µm²', '50,000']);
  expect([areas(2)[0], areas(2)[4], areas(2)[8]]).toEqual(['mm²', '1.6000', '0.0000']);
  const [nuclei, annotations] = facts.kinds;
  const tiny = annotations && { ...annotations, rows: [{ name: 'Tiny', color: '#fff', count: 1, areaPx: 20 }] };
  const page = reportPage({ ...facts, pixelUm2: 2, kinds: nuclei && tiny ? [nuclei, tiny] : [] });
  expect(page).toContain('<td class="n">&lt; 0.0001</td>'); // 40 µm²: some is not none
  expect([areas(undefined)[0], areas(undefined)[4]]).toEqual(['px²', '800,000']);
});

test('nothing found, nothing asked: the page says so', () => {
  const page = reportPage({
    ...facts,
    runs: [],
    last: undefined,
    kinds: [],
    tissue: [],
    attention: [],
    plots: [],
    failures: [],
    picture: undefined,
    areaPx: 0,
  });
  expect(page).toContain('Nothing is on the slide.');
  expect(page).toContain('brought from files');
  expect(page).toContain('No patch was asked for.');
});

test('templates escape what is put into them once', () => {
  expect(html`<b>${'a<b'} ${html`<i>${'"'}</i>`} ${[1, undefined, "'"]}</b>`.text).toBe(
    '<b>a&lt;b <i>&quot;</i> 1&#39;</b>',
  );
});

test('the picture says how it is turned', () => {
  const view = { magnification: 20, rotation: 0, flipped: false };
  expect(viewWords(undefined)).toBe('The view');
  expect(viewWords(view)).toBe('The view at 20×');
  expect(viewWords({ ...view, rotation: 37, flipped: true })).toBe(
    'The view at 20×, turned clockwise by 37°, flipped left to right',
  );
});

test('what was asked is told with where it lies', () => {
  expect(regionWords('view', undefined)).toBe('the view');
  const asked = { x: 850.25, y: 1050, width: 12_400, height: 400.4 };
  expect(regionWords('rectangle', asked)).toBe('a drawn region: x 850 to 13,250, y 1,050 to 1,450 px');
  expect(regionWords('tissue', asked)).toMatch(/^all tissue: x 850 to/);
});

test('a name too long for its bar ends in …; the table has it whole', () => {
  const long = 'Lymphocyte-like, within the epithelium of a serrated gland';
  const bar = { color: '#ff0000', value: 3, said: '3' };
  expect(barPlot('Counts', [{ ...bar, name: 'Short' }]).text).toContain(
    '<text x="160" y="16" text-anchor="end">Short<',
  );
  const plot = barPlot('Counts', [{ ...bar, name: long }]).text;
  expect(plot).toContain('<text x="250" y="16" text-anchor="end">Lymphocyte-like, within the epitheli…<');
  expect(plot).toContain('viewBox="0 0 578 ');
});
