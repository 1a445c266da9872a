// Every hostile file of objects that ../shared/hostile/make.py writes ends as its manifest says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HOSTILE, hostile, hostileTest } from '#slide/testing/hostile.ts';
import { read } from '../testing/geojson-files.ts';

const made = hostile();
const cases = made.cases.filter(({ file }) => HOSTILE.objects.test(file));
hostileTest('there are hostile files of objects to import', () => expect(cases).toHaveLength(8));

for (const { file, what, expect: expected } of cases) {
  test(`${file}: ${what}: ${expected}`, async () => {
    const { imported, refused } = await read(new Uint8Array(readFileSync(join(made.folder, file))));
    expect(refused.some(({ partly }) => !partly)).toBe(
      expected === 'error' || file.startsWith('self-') || file.startsWith('short-'),
    );
    for (const { why } of refused) expect(why).toMatch(/\w/);
    expect(imported > 0).toBe(expected === 'opens' && !file.startsWith('self-')); // its one ring crosses itself: said so
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
}
