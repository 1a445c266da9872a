// Stain vectors and what was measured with them: in another window without a look at the slide.
import { expect, test } from 'vitest';
import { measureWork } from '#analysis/measuring/measure-work.ts';
import { ColumnsBuilder } from '#objects/builder.ts';
import { STAIN_NAMES } from '#objects/measures/stain-sums.ts';
import { MeasureSession } from '../measures/measure-session.ts';
import { StainLog } from '../measures/stain-log.ts';
import { stubViewer } from '../testing/stub-viewer.ts';
import { SCHEMA } from './session-json.ts';
import { entriesOf, zipOf } from './stored-zip.ts';
import { fileWindow } from './testing/file-window.ts';

const calm = { signal: new AbortController().signal };
const COUNT = 40;
const VECTORS = { haematoxylin: [0.7, 0.6, 0.3], eosin: [0.1, 0.9, 0.2] } as const;

function window() {
  let session: MeasureSession | undefined;
  const measures = {
    loaded: () => session,
    session: async () => session ?? Promise.reject(new Error('not here')),
  };
  const one = fileWindow('a1b2', undefined, measures);
  const unasked = (): never => {
    throw new Error('the slide is not looked at');
  };
  const kept = new StainLog(async () => undefined, unasked);
  session = new MeasureSession({ ...one, viewer: stubViewer(), regions: { tissue: unasked } }, measureWork, kept);
  return { ...one, measured: session };
}

function filled() {
  const one = window();
  const builder = new ColumnsBuilder('nuclei', [{ name: 'A', color: '#ff0000' }]);
  for (let i = 0; i < COUNT; i++) {
    const [x, y] = [20 + 10 * i, 30];
    const ring = [x - 3, y - 3, x + 3, y - 3, x + 3, y + 3, x - 3, y + 3];
    builder.add({ classIndex: 0, probability: 1, x, y, areaPx: 36, ring });
  }
  one.found.startAnew(undefined, ['nuclei']);
  one.found.bring(builder.copy());
  one.measured.setVectors(VECTORS, 'slide');
  const stains = new Map(
    STAIN_NAMES.map((name, k) => [
      name,
      Float32Array.from({ length: COUNT }, (_, i) => (i === 3 ? Number.NaN : k + i / 7)),
    ]),
  );
  one.measured.takeStains('nuclei', stains);
  return { one, stains };
}

test('they come with the objects, to the bit', async () => {
  const { one, stains } = filled();
  const other = window();
  await other.desk.openSession(await one.desk.exportSession(calm), calm);
  expect(other.measured.state.getState()).toMatchObject({ vectors: VECTORS, vectorsFrom: 'slide' });
  expect(other.measured.book.stains('nuclei')).toEqual(stains);
  expect(await other.measured.column('nuclei', 'eosin_mean', calm)).toEqual(stains.get('eosin_mean'));
});

test('a session of version 1 opens; stains that do not fit, and vectors that are none, are refused', async () => {
  const { one } = filled();
  const parts = await entriesOf(await one.desk.exportSession(calm), calm);
  const changed = async (change: (json: Record<string, unknown>) => object, left: string[] = []): Promise<Blob> => {
    const json = change(JSON.parse(await (parts.get('session.json') ?? new Blob()).text()));
    const about = { name: 'session.json', blob: new Blob([JSON.stringify(json)]) };
    const others = [...parts].filter(([name]) => name !== 'session.json' && !left.includes(name));
    return zipOf([about, ...others.map(([name, blob]) => ({ name, blob }))], calm);
  };
  const open = async (file: Blob) => {
    const other = window();
    return { other, opened: await other.desk.openSession(file, calm) };
  };
  const old = await changed(({ stains, ...json }) => ({ ...json, schema: 1 }), ['stains-nuclei.f32']);
  const { other, opened } = await open(old);
  expect(opened).toMatchObject({ why: undefined, shown: { objects: COUNT, said: [] } });
  expect(other.measured.state.getState().vectorsFrom).toBe('published');
  for (const schema of [0, 1.5, SCHEMA + 1])
    await expect(open(await changed((json) => ({ ...json, schema })))).rejects.toThrow(
      /its version is|this Eosin reads up to/,
    );
  await expect(
    open(await changed((json) => ({ ...json, stains: { vectors: { haematoxylin: [0, 0, 0] } } }))),
  ).rejects.toThrow(/stain vectors/);
  const cut = new Map(parts).set('stains-nuclei.f32', new Blob([new Float32Array(7)]));
  const file = zipOf(
    [...cut].map(([name, blob]) => ({ name, blob })),
    calm,
  );
  await expect(open(await file)).rejects.toThrow(/stains of nuclei do not fit/);
});
