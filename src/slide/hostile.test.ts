// Every hostile slide that ../shared/hostile/make.py writes ends as its manifest says.
import { setMaxListeners } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import { openSlide, type SlideSource } from './open.ts';
import { release } from './raster.ts';
import { columnsOf, rowsOf, type Slide } from './slide.ts';
import { nodeDecoders } from './testing/decoders.ts';
import { HOSTILE, hostile, hostileTest } from './testing/hostile.ts';
import { costOf, countBuffers } from './testing/meter.ts';

const made = hostile();
const { signal } = new AbortController();
setMaxListeners(200, signal);

// Of a whole case: opened, and all its tiles read.
const MOST_CPU_MS = 2000; // processor time, which a busy machine does not stretch
const MOST_BYTES = 500e6; // asked for in all
countBuffers();

function sourceOf(file: string): SlideSource {
  if (!file.includes('/')) return new File([readFileSync(join(made.folder, file))], file);
  const top = file.slice(0, file.indexOf('/'));
  return readdirSync(join(made.folder, top)).map((name) =>
    Object.defineProperty(
      new File([readFileSync(join(made.folder, top, name))], basename(name)),
      'webkitRelativePath',
      {
        value: `${top}/${name}`,
      },
    ),
  );
}

/** Every tile of every level, up to 64 a level. */
async function readAll(slide: Slide): Promise<{ pictures: number; gaps: EosinError[] }> {
  let pictures = 0;
  const gaps: EosinError[] = [];
  for (const [index, level] of slide.levels.entries()) {
    for (let i = 0; i < Math.min(64, columnsOf(level) * rowsOf(level)); i++) {
      const at = { level: index, col: i % columnsOf(level), row: Math.floor(i / columnsOf(level)) };
      try {
        release(await slide.readTile(at, { signal }));
        pictures++;
      } catch (thrown) {
        if (!(thrown instanceof EosinError)) throw thrown;
        gaps.push(thrown);
      }
    }
  }
  return { pictures, gaps };
}

hostileTest('every case that is made is tried by one of three tests: as a slide, as objects, as a model', () => {
  expect(made.cases.length).toBeGreaterThanOrEqual(60);
  for (const { file } of made.cases) {
    expect(
      Object.values(HOSTILE).filter((pattern) => pattern.test(file)),
      file,
    ).toHaveLength(1);
  }
});

/** Pictures that a case has at least, where that is not one: of these all tiles are bad, or one of four. */
const PICTURES: Readonly<Record<string, number>> = {
  'bad-jpeg-tables.svs': 0,
  'no-jpeg-tables.svs': 0,
  'bigtiff-tiles-2p60.tif': 0,
  'deflate-bomb.tif': 0,
  'jpeg-bomb.svs': 3,
  'tiles-missing.svs': 3,
};

async function tried(file: string, expected: string): Promise<void> {
  const opening = openSlide(sourceOf(file), { signal, decoders: nodeDecoders });
  if (expected === 'error') {
    const error = await opening.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(EosinError);
    expect(error).not.toMatchObject({ failure: { tag: 'Unexpected' } });
    return;
  }
  using slide = await opening;
  const { pictures, gaps } = await readAll(slide);
  expect(pictures).toBeGreaterThanOrEqual(PICTURES[file] ?? 1);
  for (const gap of gaps) expect(gap.failure.tag).toBe('CorruptTile');
  expect(gaps.length > 0).toBe(expected === 'opens with gaps');
}

for (const { file, what, expect: expected } of made.cases.filter(({ file }) => HOSTILE.slide.test(file))) {
  test(`${file}: ${what}: ${expected}`, async () => {
    const cost = await costOf(() => tried(file, expected));
    expect(cost.cpuMs, 'ms').toBeLessThan(MOST_CPU_MS);
    expect(cost.bytes, 'bytes').toBeLessThan(MOST_BYTES);
  });
}
