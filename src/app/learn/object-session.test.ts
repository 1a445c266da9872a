// Learning on nuclei, without a screen: a slide whose network says which half a place lies in, and a disk that outlives it.
import { expect, test, vi } from 'vitest';
import { inlinePostprocessor } from '#analysis/postprocess/postprocessor.ts';
import type { Region } from '#analysis/region.ts';
import { failureOf } from '#errors/failure.ts';
import { type RowsManifest, readsPatches } from '#inference/manifest.ts';
import type { JudgedModel } from '#inference/model.ts';
import { parseManifest, parsePatchManifest, rowsManifest } from '#inference/parse-manifest.ts';
import { Random } from '#learn/random.ts';
import { overPort } from '#learn/testing/over-port.ts';
import { ColumnsBuilder } from '#objects/builder.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import { memoryStorage } from '#storage/open-storage.ts';
import cerberus from '../../../public/models/cerberus-lite/model.json';
import crc5 from '../../../public/models/tiles-crc5/model.json';
import { AttentionSession } from '../attention/attention-session.ts';
import { DrawnObjects } from '../drawn-objects.ts';
import { FoundObjects } from '../found-objects.ts';
import type { LabelledKept } from '../kept-learning/label-keeper.ts';
import { LearningShelf } from '../kept-learning/learning-shelf.ts';
import type { RunParts } from '../run-parts.ts';
import { createSlideSession } from '../slide-session.ts';
import { createStores } from '../stores.ts';
import { stubSlide } from '../testing/stub-slide.ts';
import { stubViewer } from '../testing/stub-viewer.ts';
import { trustedReport } from '../testing/trusted-report.ts';
import { LearnConsole } from './learn-console.ts';
import { LearnDesk } from './learn-desk.ts';
import { Learnt } from './learnt.ts';
import { ObjectSession } from './object-session.ts';

const manifest = parsePatchManifest(cerberus);
const waits = { signal: new AbortController().signal };
const [WIDTH, HEIGHT] = [1000, 800]; // level-0 px of 0.5 µm
const WHOLE = { x: 0, y: 0, width: WIDTH, height: HEIGHT };
const everywhere = {
  isIn: () => true,
  areaIn: ({ width, height }: typeof WHOLE) => width * height,
  partsIn: (part: typeof WHOLE) => [part],
};

/** Every 50 px one; moved by a part of a pixel as another device would. */
function nuclei(moved = 0): ObjectColumns {
  const builder = new ColumnsBuilder('nuclei', manifest.tasks.nuclei?.classes ?? []);
  for (let y = 25; y < HEIGHT; y += 50) {
    for (let x = 25 + moved; x < WIDTH; x += 50) {
      const ring = [x - 6, y - 6, x + 6, y - 6, x + 6, y + 6, x - 6, y + 6];
      builder.add({ classIndex: 0, probability: 0.9, x, y, areaPx: 144, ring });
    }
  }
  return builder.copy();
}

/** Of features, drawn once; more of it than one patch takes. */
const NOISE = ((random) => Float32Array.from({ length: 1_048_583 }, () => random.normal()))(new Random(7));

function network(): JudgedModel & { runs: () => number } {
  let runs = 0;
  const random = new Random(7);
  return {
    manifest,
    report: trustedReport,
    window: 512,
    ahead: 1,
    runs: () => runs,
    run: async ({ x, size }) => {
      runs++;
      const side = size / 4;
      const data = new Float32Array(64 * side * side);
      const from = random.below(NOISE.length);
      for (let i = 0; i < data.length; i++) {
        const isLeft = x + (i % side) * 4 < WIDTH / 2;
        const told = Math.floor(i / (side * side)) % 2 === 0 ? (isLeft ? 2 : -2) : 0;
        data[i] = told + (NOISE[(from + i) % NOISE.length] ?? 0);
      }
      return { features: { dims: [1, 64, side, side], data } };
    },
    giveBack: () => undefined,
    judgeAgain: async () => trustedReport,
    [Symbol.dispose]: () => undefined,
  };
}

async function bench({ shelf = new LearningShelf(memoryStorage()), of = manifest } = {}) {
  const stores = createStores(undefined);
  stores.models.setState({ manifests: [of], chosen: of.id });
  stores.settings.setState({ workspace: 'learn' });
  const viewer = stubViewer(WHOLE);
  const opened = async () => ({ slide: stubSlide('phantom:1'), truth: undefined });
  const slides = createSlideSession({ sample: opened, read: opened }, viewer, stores);
  const found = new FoundObjects((state) => stores.objects.setState(state));
  const loaded = network();
  const parts: RunParts = {
    analyse: () => {
      throw new Error('learning does not use this');
    },
    postprocess: inlinePostprocessor(),
    model: async () => ({ ...loaded, manifest: of }),
    rows: async (id) => {
      const found = stores.models
        .getState()
        .manifests.find((one): one is RowsManifest => one.id === id && !readsPatches(one));
      if (!found) throw new Error('there is none');
      const run = async (features: Float32Array) => {
        const n = features.length / 64;
        const data = Float32Array.from({ length: 5 * n }, (_, i) => (i % 5 === 0 ? 1 : 0));
        return { classes: { dims: [n, 5], data } };
      };
      return { manifest: found, report: loaded.report, run, [Symbol.dispose]: () => undefined };
    },
  };
  const regions = {
    resolve: async (asked: Region | string): Promise<Region> => (typeof asked === 'string' ? WHOLE : asked),
    work: async () => undefined,
    tissue: () => Promise.reject(new Error('not asked')),
    foundTissue: () => Promise.reject(new Error('not asked')),
  };
  const common = { stores, viewer, slides, regions, parts: async () => parts };
  const attention = new AttentionSession({
    ...common,
    read: opened,
    shelf: Promise.resolve(),
    disk: async () => shelf,
  });
  await slides.open('phantom:1', waits);
  const drawn = new DrawnObjects(found);
  const learnt = new Learnt();
  const desk = new LearnDesk(overPort(), 512e6);
  let problem: string | undefined;
  const session = new ObjectSession(
    {
      needs: { ...common, attention, found, drawn },
      learnt,
      desk: () => desk,
      keep: () => undefined,
      work: async (_, work) => {
        problem = await work(waits).then(
          () => undefined,
          (thrown: unknown) => JSON.stringify(failureOf(thrown)),
        );
      },
      isShown: () => true,
    },
    'nuclei',
  );
  const find = (moved = 0): void => {
    found.beginRun(manifest);
    found.commitPatch(WHOLE, everywhere, { nuclei: nuclei(moved), tissue: undefined });
    found.endRun();
  };
  const console = new LearnConsole({
    kept: () => attention.work.kept,
    labelsOf: () => session.labels,
    headsOf: () => session.heads,
    learnt,
    desk: () => desk,
  });
  const labelSides = (each: number): void => {
    session.labels.addClass('Left');
    session.labels.addClass('Right');
    for (let k = 0; k < each; k++) {
      const y = 25 + 50 * (k % 16);
      for (const [index, x] of [125 + 50 * (k % 5), 625 + 50 * (k % 5)].entries()) {
        session.setCurrent(undefined);
        session.store.setState({ current: index });
        expect(session.labelAt({ x: x + 3, y: y - 3 })).toBe(true);
      }
    }
  };
  const figure = () => session.store.getState().heads[0]?.figure;
  const leave = (): void => {
    session.forget();
    attention.forget();
    desk[Symbol.dispose]();
  };
  const end = { [Symbol.dispose]: leave };
  return { session, stores, found, find, drawn, loaded, console, labelSides, figure, problem: () => problem, ...end };
}

const judged = (figure: () => unknown): Promise<void> =>
  vi.waitFor(() => expect(figure()).toBeDefined(), { timeout: 10_000 });

test('nuclei are read, labelled by clicks, told apart by a head, and shown in its classes; the run keeps its own', async () => {
  using of = await bench();
  const { session, stores, found, drawn, find, figure } = of;
  find();
  await session.read('view');
  expect([of.problem(), session.objects.getState().read]).toEqual([undefined, 320]);
  of.labelSides(12);
  await judged(figure);
  const [head] = session.store.getState().heads;
  expect(head).toMatchObject({ encoder: 'cerberus-lite', block: 'nuclei', labels: 24, isByPlace: true });
  expect(figure()?.macroF1).toBeGreaterThan(0.9);
  const { columns } = drawn.source('nuclei') ?? found.store('nuclei');
  expect(columns.classes.map(({ name }) => name)).toEqual(['Left', 'Right', 'Not sure', 'Not read']);
  const right = Array.from(columns.classIndex).filter((of, i) => of === ((columns.centroid[2 * i] ?? 0) < 500 ? 0 : 1));
  expect(right.length / columns.count).toBeGreaterThan(0.9);
  const entries = stores.view.getState().objectClasses?.entries ?? [];
  expect(entries.reduce((sum, { count }) => sum + count, 0)).toBe(320);
  expect(found.store('nuclei').columns.classes[0]?.name).toBe('Epithelial');
  session.objects.setState({ byHead: false });
  expect(drawn.source('nuclei')?.columns.classes[0]?.name).toBe('Epithelial');
  expect(session.store.getState().next.length).toBeLessThanOrEqual(10);
});

test('in the next window features and labels are there again, and the head has the same figure; nothing is read twice', async () => {
  const shelf = new LearningShelf(memoryStorage());
  let kept: LabelledKept;
  let before: unknown;
  {
    using first = await bench({ shelf });
    first.find();
    await first.session.read('all');
    first.labelSides(12);
    await judged(first.figure);
    [kept, before] = [first.session.kept(), first.figure()];
    await new Promise((resolve) => setTimeout(resolve, 50)); // rows are written behind
  }
  using next = await bench({ shelf });
  next.session.restore(kept);
  next.find();
  await next.session.open();
  await vi.waitFor(() => expect(next.figure()).toEqual(before), { timeout: 10_000 });
  await next.session.read('all');
  expect(next.loaded.runs()).toBe(0);
});

test('a run that finds the nuclei a part of a pixel beside keeps their labels', async () => {
  using of = await bench();
  of.find();
  await of.session.read('all');
  of.labelSides(6);
  of.find(0.4);
  await of.session.read('all');
  const [left] = of.session.store.getState().classes;
  expect([left?.count, left?.examples.length]).toEqual([6, 6]);
  expect(of.session.labelAt({ x: 125, y: 25 })).toBe(true); // another class in hand: the label changes
  expect(of.session.labels.size).toBe(12);
});

test('the console takes a set of nuclei as it takes patches', async () => {
  using of = await bench();
  of.find();
  const { set, rows, dims } = await of.session.embed('cerberus-lite', { x: 0, y: 0, width: 500, height: 800 }, waits);
  expect([rows, dims]).toEqual([320 / 2, { nuclei: 64 }]);
  const all = await of.session.embed('cerberus-lite', 'view', waits);
  const side = Array.from({ length: all.rows }, (_, row) => row);
  const { features, rows: inFeatures } = of.session.sets.named(WHOLE) ?? { features: undefined, rows: [] };
  const isLeft = (row: number): boolean => (features?.boxes[4 * (inFeatures[row] ?? 0)] ?? 0) < 480;
  of.console.label(all.set, side.filter(isLeft).slice(0, 20), 'Left');
  of.console.label(all.set, side.filter((row) => !isLeft(row)).slice(0, 20), 'Right');
  const head = await of.console.trainHead({ set: all.set }, waits);
  expect(head.classes).toEqual(['Left', 'Right']);
  const said = await of.console.predict(head.head, set, waits);
  expect(said.probabilities).toHaveLength(2 * rows);
});

test('a head that a script trained is among the heads, colours what is shown, and stays as it has learnt', async () => {
  using of = await bench();
  of.find();
  await of.session.read('all');
  const { set, rows } = await of.session.embed('cerberus-lite', 'view', waits);
  const { features, rows: inFeatures } = of.session.sets.named(WHOLE) ?? { features: undefined, rows: [] };
  const all = Array.from({ length: rows }, (_, row) => row);
  const isLeft = (row: number): boolean => (features?.boxes[4 * (inFeatures[row] ?? 0)] ?? 0) < 480;
  const { console: script, session, stores, drawn } = of;
  script.label(set, all.filter(isLeft).slice(0, 20), 'Left');
  script.label(set, all.filter((row) => !isLeft(row)).slice(0, 20), 'Right');
  const { head, macroF1, ci } = await script.trainHead({ set }, waits);
  const figure = { macroF1, interval: ci };
  const mine = () => session.store.getState().heads.find(({ id }) => id === head);
  expect(mine()).toMatchObject({ name: 'Logistic, by script', block: 'nuclei', labels: 40, byScript: true, figure });
  const before = await script.predict(head, set, waits);

  session.heads.show(head);
  await vi.waitFor(() => expect(session.heads.said?.probabilities).toEqual(before.probabilities));
  const classes = () => drawn.source('nuclei')?.columns.classes.map(({ name }) => name);
  await vi.waitFor(() => expect(classes()).toEqual(['Left', 'Right', 'Not sure', 'Not read']));
  expect(stores.view.getState().objectClasses?.name).toBe('Logistic, by script');
  script.label(set, all.filter(isLeft).slice(0, 20), 'Right'); // another opinion: it has learnt already
  script.label(set, all.filter((row) => !isLeft(row)).slice(0, 20), 'Left');
  session.heads.add(0);
  await vi.waitFor(() => expect(session.store.getState().heads.at(-1)).toMatchObject({ byScript: false, labels: 40 }));
  expect((await script.predict(head, set, waits)).probabilities).toEqual(before.probabilities);
  expect(session.heads.kept()).toHaveLength(session.store.getState().heads.length - 1); // gone with the tab
  session.heads.remove(head);
  expect(mine()).toBeUndefined();
});

test('a head of the shelf gives its classes; one that learnt from another version of the network says so', async () => {
  const { id, sha256 } = manifest;
  const head = rowsManifest(parseManifest(crc5));
  const input = { ...head.input, channels: 64, encoder: { id, sha256, output: 'nuclei' } };
  const own = { ...head, id: 'own-head', input };
  const old = { ...own, id: 'old-head', input: { ...input, encoder: { ...input.encoder, sha256: 'f'.repeat(64) } } };
  using of = await bench();
  of.stores.models.setState({ manifests: [manifest, head, own, old] });
  of.find();
  await of.session.read('all');
  expect(of.session.heads.onShelf().map((one) => one.id)).toEqual(['own-head', 'old-head']); // tiles-crc5 reads patches
  of.session.heads.show('old-head');
  const { store } = of.session;
  await vi.waitFor(() => expect(store.getState().problem).toBeDefined());
  expect(JSON.stringify(store.getState().problem)).toMatch(/another version of cerberus-lite/);
  of.session.heads.show('own-head');
  await vi.waitFor(() => expect(of.session.heads.said).toBeDefined());
  const [first] = of.stores.view.getState().objectClasses?.entries ?? [];
  expect([store.getState().problem, first?.count]).toEqual([undefined, 320]);
});

test('what cannot be is a sentence: no objects, a network without features, one class', async () => {
  using empty = await bench();
  await empty.session.read('view');
  expect(empty.problem()).toMatch(/holds no nuclei yet.*Analyse/);
  using plain = await bench({
    of: { ...manifest, outputs: manifest.outputs.filter(({ kind }) => kind !== 'features') },
  });
  plain.find();
  await plain.session.open();
  expect(plain.session.objects.getState().whyNot).toMatch(/gives no features of places/);
  await plain.session.read('view');
  expect(plain.problem()).toMatch(/gives no features of places/);
  using one = await bench();
  one.find();
  const { set } = await one.session.embed('cerberus-lite', 'view', waits);
  one.console.label(set, [0, 1, 2], 'Only');
  await expect(one.console.trainHead({ set }, waits)).rejects.toThrow(/all 3 are of one class/);
});
