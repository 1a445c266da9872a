// Objects of files, a slide that is opened again, and a disk that takes its time: for tests of what the browser keeps.
import { expect } from 'vitest';
import { ColumnsBuilder } from '#objects/builder.ts';
import type { ObjectColumns, ObjectKind } from '#objects/columns.ts';
import { resultHash } from '#objects/result-hash.ts';
import { memoryStorage } from '#storage/open-storage.ts';
import type { OpenLog, Storage } from '#storage/storage.ts';
import { OBJECT_LAYERS } from '../../stores/objects-store.ts';
import { fileWindow } from './file-window.ts';

const calm = { signal: new AbortController().signal };
export const CLASSES = [
  { name: 'Nucleus', color: '#ff7a1a' },
  { name: 'Other', color: '#ffffff' },
];
const OF_ANNOTATIONS = [
  { name: 'Tumor', color: '#c80000' },
  { name: 'Stroma', color: '#96c896' },
];

export function squares(kind: ObjectKind, count: number, at = 0): ObjectColumns {
  const builder = new ColumnsBuilder(kind, kind === 'annotations' ? OF_ANNOTATIONS : CLASSES);
  for (let i = 0; i < count; i++) {
    const [x, y] = [9.25 + at + (i % 90) * 10, 9.5 + Math.floor(i / 90) * 8];
    const ring = [x - 3, y - 3, x + 3, y - 3, x + 3, y + 3, x - 3, y + 3];
    const hole = [x - 1, y - 1, x - 1, y + 1, x + 1, y + 1, x + 1, y - 1];
    const extras = i % 3 === 0 && {
      holes: [hole],
      measured: [['Nucleus: Area µm^2', i + 0.5]] as const,
      note: { metadata: { at: `${i}` } },
    };
    builder.add({ classIndex: i % 2, probability: 0.5, x, y, areaPx: 36, ring, ...extras });
  }
  return builder.copy();
}

export const hash = ({ found }: ReturnType<typeof fileWindow>): Promise<string> =>
  resultHash(
    { objects: OBJECT_LAYERS.map((kind) => found.store(kind).columns), tissue: found.tissueGrid()?.patches ?? [] },
    calm,
  );

export async function fileOf(...objects: readonly ObjectColumns[]): Promise<Blob> {
  const from = fileWindow();
  for (const columns of objects) from.found.bring(columns);
  return from.desk.exportGeoJSON(OBJECT_LAYERS, true, calm);
}

/** The slide is closed, and opened again in another tab. */
export async function reopened({ desk }: ReturnType<typeof fileWindow>, storage: Storage) {
  await desk.written();
  desk.leave();
  await desk.written();
  await new Promise((resolve) => setTimeout(resolve)); // its log is let go of
  const next = fileWindow('a1b2', storage);
  await next.desk.lookUp();
  return next;
}

/** What the browser does before it leaves the page: whether anybody asks. */
export const asks = ({ page }: ReturnType<typeof fileWindow>): boolean => {
  const leaving = new Event('beforeunload', { cancelable: true });
  page.dispatchEvent(leaving);
  return leaving.defaultPrevented;
};

/** A disk that takes records of a kind of log one by one, as it is let; `cut` is what another tab finds on it. */
export function slowDisk(storage: Storage, kind: 'brought' | 'annotations' = 'brought') {
  let letOn: (() => void) | undefined;
  let isFree = false;
  const cut = memoryStorage();
  let copy: OpenLog | undefined;
  const disk: Storage = {
    ...storage,
    async create(name, header, waits) {
      const log = await storage.create(name, header.slice(), waits);
      if (!name.startsWith(kind)) return log;
      copy ??= await cut.create(name, header.slice(), waits);
      return Object.assign(Object.create(log), {
        name,
        header: log.header,
        append: async (record: Uint8Array<ArrayBuffer>, during: typeof calm) => {
          if (!isFree) {
            await new Promise<void>((resolve) => {
              letOn = resolve;
            });
            await copy?.append(record.slice(), during);
          }
          await log.append(record, during);
        },
        records: (during: typeof calm) => log.records(during),
        [Symbol.dispose]: () => log[Symbol.dispose](),
      });
    },
  };
  const one = async (): Promise<void> => {
    await expect.poll(() => letOn !== undefined).toBe(true);
    letOn?.();
    letOn = undefined;
  };
  const rest = (): void => {
    isFree = true;
    letOn?.();
  };
  const died = (): void => {
    copy?.[Symbol.dispose]();
    copy = undefined;
  };
  return { disk, one, rest, cut, died };
}

/** Two records are on a slow disk, and the browser asks to the last; somebody leaves all the same. @returns another tab */
export async function leftMidway(here: ReturnType<typeof fileWindow>, { one, died, cut }: ReturnType<typeof slowDisk>) {
  expect(asks(here)).toBe(true);
  await one();
  await one();
  expect(asks(here)).toBe(true);
  died();
  const next = fileWindow('a1b2', cut);
  await next.desk.lookUp();
  return next;
}
