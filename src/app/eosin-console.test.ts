import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, expectTypeOf, test } from 'vitest';
import { ColumnsBuilder } from '#objects/builder.ts';
import type { Eosin } from './console.d.ts';
import { type createConsole, tableOf } from './eosin-console.ts';

/** What console.d.ts lists under "From a slide to findings", "Runs" and "Encoders, attention and small heads". */
type Promised =
  | 'version'
  | 'open'
  | 'slide'
  | 'setMpp'
  | 'readRegion'
  | 'view'
  | 'setView'
  | 'models'
  | 'analyse'
  | 'objects'
  | 'exportGeoJSON'
  | 'truth'
  | 'on'
  | 'embed'
  | 'features'
  | 'attend'
  | 'label'
  | 'trainHead'
  | 'predict'
  | 'rankEncoders'
  | 'cka'
  | 'trainAttention'
  | 'neighbours'
  | 'live'
  | 'pause'
  | 'resume'
  | 'cancel'
  | 'runs'
  | 'resultHash'
  | 'trust'
  | 'importGeoJSON'
  | 'heatmaps'
  | 'exportReport'
  | 'exportSession'
  | 'openSession'
  | 'snapshot'
  | 'exportCSV'
  | 'exportParquet'
  | 'diagnose'
  | 'gaps'
  | 'associatedImage'
  | 'measures'
  | 'select';

type Console = ReturnType<typeof createConsole>;

test('the console is what console.d.ts promises, no more and no less', () => {
  expectTypeOf<keyof Console>().toEqualTypeOf<Promised>();
  expectTypeOf<Console>().toEqualTypeOf<Pick<Eosin, Promised>>();
});

const published = resolve(import.meta.dirname, '../../../shared/docs/console.d.ts');

/** Without what a formatter changes: spaces, line breaks, and the marks it adds at the end of a broken list. */
const normalised = (text: string): string =>
  text
    .replace(/\s+/g, '')
    .replace(/[,;](?=[)}\]])/g, '')
    .replace(/(?<=[:=(,<])\|/g, '');

/** What came to the published one since: optional, so that every script that keeps to that one goes on as it did. */
const ADDED = [
  '// views 4: each patch mirrored too and its maps averaged, four times as long; by default as the Analyse menu says (1)',
  '; views?: 1 | 4',
];

test.skipIf(!existsSync(published) && process.env.CI !== 'true')(
  'console.d.ts says what the published one says [console.d.ts]',
  () => {
    let ours = normalised(readFileSync(resolve(import.meta.dirname, 'console.d.ts'), 'utf8'));
    for (const added of ADDED.map(normalised)) {
      expect(ours.split(added), added).toHaveLength(2); // there, and once
      ours = ours.replace(added, '');
    }
    expect(ours).toBe(normalised(readFileSync(published, 'utf8')));
  },
);

const builder = new ColumnsBuilder('nuclei', [{ name: 'Epithelial', color: '#ff7a1a' }]);
builder.add({ classIndex: 0, probability: 0.5, x: 10, y: 20, areaPx: 4, ring: [9, 19, 11, 19, 11, 21, 9, 21] });
const columns = builder.view();

test('a table is a copy that the caller may change', () => {
  const table = tableOf(columns);
  table.centroids.fill(0);
  expect(columns.centroid[0]).toBe(10);
  expect([...(tableOf(columns).polygon(0)[0] ?? [])]).toEqual([9, 19, 11, 19, 11, 21, 9, 21]);
});

test('a row that does not exist is a sentence', () => {
  expect(() => tableOf(columns).polygon(1)).toThrow(/number 1.*Give 0 to 0/);
});
