import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { ColumnsBuilder } from '../builder.ts';
import type { ObjectColumns } from '../columns.ts';
import type { Measures } from '../measures/measures.ts';
import { random } from '../testing/random.ts';
import { singleText } from './byte-text.ts';
import { CsvWriter } from './csv.ts';
import { ParquetTable } from './parquet.ts';
import { type ObjectTableOf, tableOf } from './table.ts';

const classes = ['Epithelial', 'Quo"ted, and so on', '=cmd|calc', 'Two\nlines'].map((name) => ({
  name,
  color: '#ff7a1a',
}));

function made(count: number): { objects: ObjectColumns; measures: Measures } {
  const next = random(7);
  const builder = new ColumnsBuilder('annotations', classes);
  for (let i = 0; i < count; i++) {
    const [x, y] = [next() * 1e5, next() * 1e5];
    const ring = [x - 5, y - 5, x + 5, y - 5, x + 5, y + 5, x - 5, y + 5];
    builder.add({
      ...{ classIndex: i % 4, probability: 1, x, y, areaPx: 100, ring },
      ...(i === 1 && {
        note: { name: '@Edge, "1"' },
        measured: [['Positive %', 12.5] as const, ['=HYPERLINK("x")', 2] as const],
      }),
    });
  }
  const columns = { area: Float32Array.from({ length: count }, next), gland: new Float32Array(count).fill(Number.NaN) };
  const measures: Measures = {
    kind: 'annotations',
    version: 1,
    count,
    names: ['area', 'gland'],
    units: ['µm²', ''],
    columns,
  };
  return { objects: builder.copy(), measures };
}

function written(table: ObjectTableOf, count: number, writer: CsvWriter | ParquetTable): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let from = 0; from < count; from += 1000) {
    writer.write(table.batch(from, Math.min(count, from + 1000)));
    parts.push(writer.take());
  }
  writer.end();
  parts.push(writer.take());
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

test('CSV: a head, a row an object, quotes where they are needed, no formula', () => {
  const { objects, measures } = made(4);
  const table = tableOf(objects, measures);
  const text = new TextDecoder().decode(written(table, 4, new CsvWriter(table.columns)));
  const rest = (i: number): string =>
    `${objects.centroid[2 * i]},${objects.centroid[2 * i + 1]},${singleText(measures.columns.area?.[i] ?? 0)},`;
  expect(text.split('\r\n')).toEqual([
    `class,name,centroid_x_px,centroid_y_px,area_um2,gland,Positive %,"'=HYPERLINK(""x"")"`,
    `Epithelial,,${rest(0)},,`,
    `"Quo""ted, and so on","'@Edge, ""1""",${rest(1)},12.5,2`,
    `'=cmd|calc,,${rest(2)},,`,
    `"Two\nlines",,${rest(3)},,`,
    '',
  ]);
  expect(Math.fround(Number(text.split('\r\n')[1]?.split(',')[4]))).toBe(measures.columns.area?.[0]);
});

test('Parquet: another reader finds the same, over several row groups', async () => {
  const count = 250_500;
  const { objects, measures } = made(count);
  const table = tableOf(objects, measures);
  const file = written(table, count, new ParquetTable(table.columns, { 'eosin.slide': 'a slide' })).buffer;
  const metadata = parquetMetadata(file);
  expect(metadata.row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([100_000, 100_000, 50_500]);
  expect(metadata.key_value_metadata).toEqual([{ key: 'eosin.slide', value: 'a slide' }]);
  const rows = await parquetReadObjects({ file, rowStart: 99_998, rowEnd: 100_003 });
  expect(rows).toEqual(
    Array.from({ length: 5 }, (_, k) => k + 99_998).map((i) => ({
      class: classes[i % 4]?.name,
      name: '',
      centroid_x_px: objects.centroid[2 * i],
      centroid_y_px: objects.centroid[2 * i + 1],
      area_um2: measures.columns.area?.[i],
      gland: Number.NaN,
      'Positive %': Number.NaN,
      '=HYPERLINK("x")': Number.NaN,
    })),
  );
  const [, second] = await parquetReadObjects({ file, rowEnd: 2 });
  expect([second?.name, second?.['Positive %']]).toEqual(['@Edge, "1"', 12.5]);
});
