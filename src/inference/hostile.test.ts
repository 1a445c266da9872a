// Every hostile model that ../shared/hostile/make.py writes is refused before a runtime sees it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import { HOSTILE, hostile, hostileTest } from '#slide/testing/hostile.ts';
import { graphOf } from './onnx-graph.ts';

const made = hostile();
const cases = made.cases.filter(({ file }) => HOSTILE.model.test(file));
hostileTest('there are hostile models to refuse', () => expect(cases).toHaveLength(2));

for (const { file, what, expect: expected } of cases) {
  test(`${file}: ${what}: ${expected}`, () => {
    expect(expected).toBe('error');
    const bytes = new Uint8Array(readFileSync(join(made.folder, file)));
    expect(() => graphOf(bytes)).toThrow(EosinError);
  });
}
