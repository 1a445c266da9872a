// What a run over a slide that holds a million nuclei already costs the main thread: each patch takes the nuclei under it
// out and puts others in, and the view looks at what is there now.
import { ColumnsBuilder } from '#objects/builder.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import { ObjectStore } from '#objects/store.ts';
import type { Rect } from '#units/rect.ts';

const COLS = 40; //        patches across and down
const SIDE = 1024; //      of a patch's core, level-0 px
const NUCLEI = 625; //     a patch: a million in all
const VERTICES = 24; //    of an outline
const VIEW = { width: 5120, height: 3200 }; // a screen of 1280 × 800 at 10× on a scan at 40×, level-0 px
const LOOK_EVERY = 4; //   patches: counts and outlines are told at most four times a second

const classes = ['Epithelial', 'Inflammatory', 'Connective', 'Other'].map((name) => ({ name, color: '#ffffff' }));

export interface RerunTimes {
  readonly nuclei: number;
  readonly commit: number[]; // ms each: a patch is taken over
  readonly look: number[]; //   ms each: counts, and the rows in view
  readonly settle: number[]; // ms each: turns at the end of the run
  readonly exact: number[]; //  ms each: all columns without what was removed, asked for in the middle of a run
}

/** Seeded numbers in [0, 1): the same nuclei each time (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function nucleiIn(core: Rect, next: () => number): ObjectColumns {
  const builder = new ColumnsBuilder('nuclei', classes, NUCLEI, NUCLEI * VERTICES);
  for (let i = 0; i < NUCLEI; i++) {
    const [x, y, radius] = [core.x + next() * core.width, core.y + next() * core.height, 8 + 10 * next()];
    const ring = Float64Array.from({ length: 2 * VERTICES }, (_, k) => {
      const angle = (2 * Math.PI * (k >> 1)) / VERTICES;
      return k % 2 === 0 ? x + radius * Math.cos(angle) : y + radius * Math.sin(angle);
    });
    builder.add({ classIndex: i % 4, probability: 0.9, x, y, areaPx: 3 * radius * radius, ring });
  }
  return builder.view();
}

const coreOf = (patch: number): Rect => ({
  x: (patch % COLS) * SIDE,
  y: Math.floor(patch / COLS) * SIDE,
  width: SIDE,
  height: SIDE,
});

const timed = (into: number[], work: () => void): void => {
  const started = performance.now();
  work();
  into.push(performance.now() - started);
};

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

async function measure(): Promise<RerunTimes> {
  const next = random(1);
  const store = new ObjectStore('nuclei', classes);
  const [commit, look, settle, exact]: number[][] = [[], [], [], []];
  if (!commit || !look || !settle || !exact) throw new Error('Nothing to write into.');
  const run = async (whenLooked: () => void): Promise<void> => {
    for (let patch = 0; patch < COLS * COLS; patch++) {
      const core = coreOf(patch);
      const found = nucleiIn(core, next);
      timed(commit, () => {
        store.removeWhere(core);
        store.append(found);
      });
      if (patch % LOOK_EVERY === 0) whenLooked();
      if (patch % 16 === 0) await turn();
    }
  };
  const lookAt = (): void => {
    const { counts, live } = store;
    const rows = live.query({ x: next() * SIDE * COLS, y: next() * SIDE * COLS, ...VIEW });
    if (counts.count === 0 || live.columns.count < rows.length) throw new Error('Nothing was found.');
  };
  await run(() => timed(look, lookAt)); // onto an empty slide: the arrays grow
  await run(() => timed(look, lookAt));
  const turns = store.settling();
  for (let isDone = false; !isDone; ) {
    timed(settle, () => {
      isDone = turns.next().done === true;
    });
    await turn();
  }
  const nuclei = store.columns.count;
  const beside = [...commit];
  let looks = 0;
  await run(() => {
    if (looks++ % 80 === 40) timed(exact, () => void store.columns);
  });
  return { nuclei, commit: beside, look, settle, exact };
}

Object.assign(window, { measure });
