import { expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import type { Chosen } from '#slide/slide.ts';
import { chosenIn } from './chosen-in.ts';
import type { EarlyStage } from './early-stage.ts';
import { createSlideSession, type SlideWays } from './slide-session.ts';
import { createStores } from './stores.ts';
import { type StubSlide, stubSlide } from './testing/stub-slide.ts';
import { stubViewer } from './testing/stub-viewer.ts';

const { signal } = new AbortController();

function session(read: SlideWays['read'], stage?: EarlyStage) {
  const stores = createStores(undefined);
  const viewer = stubViewer();
  const sample: SlideWays['sample'] = async (seed) => ({ slide: stubSlide(`phantom:${seed}`), truth: undefined });
  return { stores, viewer, slides: createSlideSession({ sample, read }, viewer, stores, stage) };
}

const opening =
  (slide: StubSlide): SlideWays['read'] =>
  async () => ({ slide, truth: undefined });

test('another slide takes the place of the first, which is disposed', async () => {
  const first = stubSlide('first.svs');
  const { slides, stores } = session(opening(first));
  await slides.open('https://host/first.svs', { signal });
  expect(stores.slide.getState().open).toMatchObject({ origin: 'address', info: { name: 'first.svs' } });
  let changes = 0;
  slides.onChange(() => changes++);
  await slides.open('phantom:7', { signal });
  expect(first.disposed()).toBe(true);
  expect(changes).toBe(1);
  expect(stores.slide.getState().open).toMatchObject({ origin: 'sample', info: { name: 'phantom:7' } });
});

test('what was seen of a slide goes with it', async () => {
  const { slides, stores } = session(opening(stubSlide('dark.svs')));
  for (const leave of [() => slides.close(), () => slides.open('phantom:7', { signal })]) {
    await slides.open('https://host/dark.svs', { signal });
    stores.slide.setState({ isDark: true, gaps: 3 });
    await leave();
    expect(stores.slide.getState()).toMatchObject({ isDark: false, gaps: 0 });
  }
});

test('when opening fails, the slide open before stays, and the failure is told', async () => {
  const { slides, stores } = session(async () => {
    throw new EosinError({ tag: 'NotFound', url: 'https://host/none.svs', status: 404 });
  });
  await slides.open('phantom:1', { signal });
  await expect(slides.open('https://host/none.svs', { signal })).rejects.toMatchObject({
    failure: { tag: 'NotFound' },
  });
  const state = stores.slide.getState();
  expect(state.open?.info.name).toBe('phantom:1');
  expect(state.problem).toMatchObject({ address: 'https://host/none.svs', failure: { tag: 'NotFound', status: 404 } });
  expect(state.opening).toBeUndefined();
});

test('a later opening takes over from one that still reads', async () => {
  const late = stubSlide('late.svs');
  let answer: (() => void) | undefined;
  const { slides, stores } = session(
    () => new Promise((resolve) => (answer = () => resolve({ slide: late, truth: undefined }))),
  );
  const first = slides.open('https://host/late.svs', { signal });
  const lost = expect(first).rejects.toMatchObject({ name: 'AbortError' });
  await slides.open('phantom:2', { signal });
  answer?.();
  await lost;
  expect(late.disposed()).toBe(true);
  expect(stores.slide.getState()).toMatchObject({ open: { info: { name: 'phantom:2' } }, problem: undefined });
});

test('an uncalibrated slide asks once, and takes only a possible pixel size', async () => {
  const { slides, stores } = session(opening({ ...stubSlide('photo.png'), mpp: undefined }));
  await slides.open(new Blob(['x']), { signal });
  expect(stores.window.getState().popover).toBe('calibration');
  expect(slides.mpp()).toBeUndefined();
  expect(() => slides.setMpp({ x: 0, y: 0.5 })).toThrow(/Give 0.01 to 100/);
  slides.setMpp({ x: 0.62, y: 0.62 });
  expect(slides.mpp()).toEqual({ x: 0.62, y: 0.62 });
  expect(stores.slide.getState().open).toMatchObject({ mppSetByUser: true, info: { mpp: { x: 0.62 } } });
  expect(stores.window.getState().popover).toBeUndefined();
});

test('an address with a stray per cent sign opens, and fails with its own failure', async () => {
  const named = stubSlide('50%.svs');
  const { slides } = session(opening(named));
  await expect(slides.open('https://host/50%.svs', { signal })).resolves.toMatchObject({ name: '50%.svs' });
  const { slides: lost, stores } = session(async () => {
    throw new EosinError({ tag: 'NotFound', url: 'https://host/50%.svs', status: 404 });
  });
  await expect(lost.open('https://host/50%.svs', { signal })).rejects.toMatchObject({ failure: { tag: 'NotFound' } });
  expect(stores.slide.getState().problem).toMatchObject({ name: '50%.svs' });
});

test('the sample opens on its middle at 10×, a slide fitted', async () => {
  const { slides, viewer } = session(opening(stubSlide('first.svs')));
  await slides.open('phantom:1', { signal });
  expect(viewer.drawn.first).toEqual({ centre: { x: 500, y: 400 }, magnification: 10 });
  await slides.open('https://host/first.svs', { signal });
  expect(viewer.drawn.first).toBeUndefined();
});

/** A slide of three channels, as far as its opening goes. */
const multiplexed = (shown: number): StubSlide => ({
  ...stubSlide('plex.qptiff'),
  channels: { names: ['DAPI', 'CD3', 'CD8'], shown, low: 0, high: 255 },
});

test('what comes of a slide early is on the stage until the slide is drawn, and none beside another slide', async () => {
  const told: string[] = [];
  const picture = { widthPx: 1000, heightPx: 800, raster: { width: 1, height: 1, rgba: new Uint8ClampedArray(4) } };
  const stage = () => {
    told.push('shown');
    return () => void told.push('taken away');
  };
  const { slides } = session(async (_from, _waits, _channel, onEarly) => {
    onEarly?.(picture);
    told.push(onEarly ? 'opened' : 'opened with nothing early');
    return { slide: multiplexed(0), truth: undefined };
  }, stage);
  await slides.open('https://host/a.tif', { signal });
  expect(told).toEqual(['shown', 'opened', 'taken away']);
  await slides.open('https://host/b.tif', { signal });
  expect(told.slice(3)).toEqual(['opened with nothing early']);
});

test('another channel comes at the same view, and is kept for the slide; an address may name one', async () => {
  const asked: (Chosen | undefined)[] = [];
  const { slides, stores, viewer } = session(async (_from, _waits, chosen) => {
    asked.push(chosen);
    return { slide: multiplexed(chosen?.channel ?? 0), truth: undefined };
  });
  const file = new File(['x'], 'plex.qptiff');
  await slides.open(file, { signal });
  slides.setMpp({ x: 0.3, y: 0.3 });
  expect(stores.slide.getState().open?.channels).toMatchObject({ shown: 0 });
  await slides.choose({ channel: 1 }, { signal });
  expect(stores.slide.getState()).toMatchObject({ open: { channels: { shown: 1 }, mppSetByUser: true }, tabs: [{}] });
  expect(viewer.drawn.first).toMatchObject({ zoom: viewer.view().zoom });
  expect(slides.mpp()).toEqual({ x: 0.3, y: 0.3 });
  await slides.open('phantom:1', { signal });
  await slides.open(file, { signal });
  expect(stores.slide.getState().open?.channels?.shown).toBe(1);
  expect(asked).toEqual([{}, { channel: 1 }, {}, { channel: 1 }]);
  await slides.open('https://host/plex.qptiff#channel=3', { signal });
  expect(stores.slide.getState().open?.channels?.shown).toBe(2);
  await slides.choose({ channel: 7 }, { signal }); // there is none
  expect(stores.slide.getState().open?.channels?.shown).toBe(2);
});

test('another focal plane comes with the channel that is shown, and both are kept', async () => {
  const { slides, stores } = session(async (_from, _waits, { channel = 0, plane = 1 } = {}) => ({
    slide: { ...multiplexed(channel), planes: { names: ['Plane 1', 'Plane 2', 'Plane 3'], shown: plane } },
    truth: undefined,
  }));
  const shown = () => {
    const { channels, planes } = stores.slide.getState().open ?? {};
    return [channels?.shown, planes?.shown];
  };
  await slides.open('https://host/stack.tif#channel=2&plane=3', { signal });
  expect(shown()).toEqual([1, 2]);
  await slides.choose({ plane: 0 }, { signal });
  expect(shown()).toEqual([1, 0]);
  await slides.choose({ channel: 2 }, { signal });
  expect(shown()).toEqual([2, 0]);
  await slides.choose({ plane: 3 }, { signal }); // there is none
  expect(shown()).toEqual([2, 0]);
  await slides.open('https://host/stack.tif', { signal });
  expect(shown()).toEqual([2, 0]);
  await slides.open('https://host/stack.tif#plane=2', { signal });
  expect(shown()).toEqual([2, 1]);
  // Where a run of it finds the same pixels again, whatever is chosen later.
  expect(stores.slide.getState().open?.address).toBe('https://host/stack.tif#channel=3&plane=2');
});

test.each([
  ['https://host/a.tif', 'https://host/a.tif', {}],
  ['https://host/a.tif?X-Amz-Signature=1#channel=2', 'https://host/a.tif?X-Amz-Signature=1', { channel: 1 }],
  ['https://host/a.tif#plane=3', 'https://host/a.tif', { plane: 2 }],
  ['https://host/a.tif#plane=3&channel=1', 'https://host/a.tif', { channel: 0, plane: 2 }],
  ['https://host/a.tif#page=3', 'https://host/a.tif#page=3', {}],
])('%s is read from %s', (address, from, chosen) => {
  expect(chosenIn(address)).toEqual({ from, chosen });
});
