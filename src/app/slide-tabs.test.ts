import { expect, test } from 'vitest';
import { mpp } from '#units/units.ts';
import { createSlideSession, type SlideWays } from './slide-session.ts';
import { createStores } from './stores.ts';
import { stubSlide } from './testing/stub-slide.ts';
import { stubViewer } from './testing/stub-viewer.ts';

const { signal } = new AbortController();
const waits = { signal };

function session() {
  const stores = createStores(undefined);
  const viewer = stubViewer();
  let gone = false;
  let replaced = '';
  const read: SlideWays['read'] = async (from) => {
    if (gone) throw new Error('gone');
    const print = `${from} ${replaced}`;
    return { slide: { ...stubSlide(String(from)), fingerprint: async () => print }, truth: undefined };
  };
  const sample: SlideWays['sample'] = async (seed) => ({ slide: stubSlide(`phantom:${seed}`), truth: undefined });
  const slides = createSlideSession({ sample, read }, viewer, stores);
  const titles = (): string[] => stores.slide.getState().tabs.map(({ title }) => title);
  const shown = (): string | undefined => {
    const { tabs, tab } = stores.slide.getState();
    return tabs.find(({ id }) => id === tab)?.title;
  };
  const idOf = (title: string): number => stores.slide.getState().tabs.find((tab) => tab.title === title)?.id ?? -1;
  return {
    stores,
    viewer,
    slides,
    titles,
    shown,
    idOf,
    lose: () => (gone = true),
    replace: () => (replaced = 'another file'),
  };
}

test('each slide has a tab; going back to one brings its view, its pixel size and what was kept of it', async () => {
  const { viewer, slides, titles, shown, idOf, stores } = session();
  const putBack: string[] = [];
  slides.onLeave(() => {
    const name = stores.slide.getState().open?.info.name ?? '';
    return { bytes: 0, putBack: () => putBack.push(name) };
  });
  await slides.open('a.svs', waits);
  slides.setMpp({ x: 0.3, y: 0.3 });
  await viewer.setView({ centre: { x: 7, y: 8 }, zoom: 2 }, waits);
  await slides.open('b.svs', waits);
  expect([titles(), shown()]).toEqual([['a.svs', 'b.svs'], 'b.svs']);
  expect(viewer.drawn.first).toBeUndefined(); // a slide that comes anew is fitted
  await slides.showTab(idOf('a.svs'), waits);
  expect([titles(), shown()]).toEqual([['a.svs', 'b.svs'], 'a.svs']);
  expect(viewer.drawn.first).toMatchObject({ centre: { x: 7, y: 8 }, zoom: 2 });
  expect(slides.mpp()).toEqual({ x: mpp(0.3), y: mpp(0.3) });
  expect(stores.slide.getState().open?.mppSetByUser).toBe(true);
  expect(putBack).toEqual(['a.svs']);
});

test('the one on screen is read anew in its tab; what was found comes back where its bytes are the same', async () => {
  const { viewer, slides, titles, shown, idOf, replace } = session();
  let back = 0;
  slides.onLeave(() => ({ bytes: 0, putBack: () => back++ }));
  await slides.open('a.svs', waits);
  const before = slides.opened()?.slide;
  await viewer.setView({ centre: { x: 7, y: 8 }, zoom: 2 }, waits);
  await slides.showTab(idOf('a.svs'), waits);
  expect(slides.opened()?.slide).not.toBe(before);
  expect([titles(), shown(), back]).toEqual([['a.svs'], 'a.svs', 1]);
  expect(viewer.drawn.first).toMatchObject({ centre: { x: 7, y: 8 }, zoom: 2 });
  replace();
  await slides.showTab(idOf('a.svs'), waits);
  expect([titles(), shown(), back]).toEqual([['a.svs'], 'a.svs', 1]);
  expect(viewer.drawn.first).toBeUndefined(); // another slide: fitted
});

test('a slide whose file was replaced while another was on screen comes without what was found before', async () => {
  const { slides, shown, idOf, replace } = session();
  let back = 0;
  slides.onLeave(() => ({ bytes: 0, putBack: () => back++ }));
  await slides.open('a.svs', waits);
  await slides.open('b.svs', waits);
  replace();
  await slides.showTab(idOf('a.svs'), waits);
  expect([shown(), back]).toEqual(['a.svs', 0]);
});

test('the same address again opens anew in its own tab', async () => {
  const { slides, titles, viewer } = session();
  await slides.open('a.svs', waits);
  await slides.open('b.svs', waits);
  await slides.open('a.svs', waits);
  expect(titles()).toEqual(['a.svs', 'b.svs']);
  expect(viewer.drawn.first).toBeUndefined();
});

test('closing the one on screen shows the one beside it, and the last one leaves nothing', async () => {
  const { slides, titles, shown, idOf, stores } = session();
  for (const name of ['a.svs', 'b.svs', 'c.svs']) await slides.open(name, waits);
  await slides.closeTab(idOf('a.svs'), waits);
  expect([titles(), shown()]).toEqual([['b.svs', 'c.svs'], 'c.svs']);
  await slides.closeTab(idOf('c.svs'), waits);
  expect([titles(), shown()]).toEqual([['b.svs'], 'b.svs']);
  await slides.closeTab(idOf('b.svs'), waits);
  expect([titles(), stores.slide.getState().open]).toEqual([[], undefined]);
});

test('tabs go round; a slide that is gone meanwhile leaves the one on screen', async () => {
  const { slides, shown, idOf, lose } = session();
  await slides.open('a.svs', waits);
  await slides.open('b.svs', waits);
  expect([slides.tabBeside(1), slides.tabBeside(-1)]).toEqual([idOf('a.svs'), idOf('a.svs')]);
  lose();
  await expect(slides.showTab(idOf('a.svs'), waits)).rejects.toThrow('gone');
  expect(shown()).toBe('b.svs');
});

test('many tabs are bounded: the one left longest ago goes', async () => {
  const { slides, titles } = session();
  for (let i = 0; i < 20; i++) await slides.open(`${i}.svs`, waits);
  expect(titles()).toHaveLength(12);
  expect(titles().at(-1)).toBe('19.svs');
});

test('what many tabs found is bounded by its bytes: the tabs left last have it in memory still', async () => {
  const { slides, idOf, stores } = session();
  const bytes = [100e6, 90e6, 90e6, 300e6];
  let [found, drawn]: [string[], string[]] = [[], []];
  const name = (): string => stores.slide.getState().open?.info.name ?? '';
  slides.onLeave(() => ({ bytes: bytes.shift() ?? 1, putBack: () => found.push(name()) }));
  slides.onLeave(() => ({ bytes: 0, putBack: () => drawn.push(name()) }));
  const comeBack = async (): Promise<readonly [string[], string[]]> => {
    [found, drawn] = [[], []];
    for (const each of ['c', 'b', 'a']) await slides.showTab(idOf(`${each}.svs`), waits);
    return [found, drawn];
  };
  for (const each of ['a', 'b', 'c', 'd']) await slides.open(`${each}.svs`, waits);
  expect(await comeBack()).toEqual([['c.svs'], ['c.svs', 'b.svs', 'a.svs']]); // d's 300 MB and c's: b's and a's are gone
});
