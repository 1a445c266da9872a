// Every hostile slide that ../shared/hostile/make.py writes ends as its manifest says.
import { spawnSync } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import { openSlide, type SlideSource } from './open.ts';
import { release } from './raster.ts';
import { columnsOf, rowsOf, type Slide } from './slide.ts';
import { nodeDecoders } from './testing/decoders.ts';

const MAKE = resolve(import.meta.dirname, '../../../shared/hostile/make.py');
const SLIDES = /\.(svs|tif|dcm|dzi)$|\.ome\.zarr\//;
const { signal } = new AbortController();
setMaxListeners(200, signal);

interface Case {
  readonly file: string;
  readonly what: string;
  readonly expect: 'error' | 'opens' | 'opens with gaps';
}

const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));

function cases(): Case[] {
  if (!existsSync(MAKE)) return [];
  const made = spawnSync('python3', [MAKE, folder], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  const all: Case[] = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  return all.filter(({ file }) => SLIDES.test(file));
}

function sourceOf(file: string): SlideSource {
  if (!file.includes('/')) return new File([readFileSync(join(folder, file))], file);
  const top = file.slice(0, file.indexOf('/'));
  return readdirSync(join(folder, top)).map((name) =>
    Object.defineProperty(new File([readFileSync(join(folder, top, name))], basename(name)), 'webkitRelativePath', {
      value: `${top}/${name}`,
    }),
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

const all = cases();
test.skipIf(all.length === 0 && process.env.CI !== 'true')('there are hostile slides to open [hostile/make.py]', () => {
  expect(all.length).toBeGreaterThan(30);
});

for (const { file, what, expect: expected } of all) {
  test(`${file}: ${what}: ${expected}`, async () => {
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
    expect(pictures).toBeGreaterThan(
      file.includes('2p60') || file.includes('jpeg-tables') || file.includes('bomb') ? -1 : 0,
    );
    for (const gap of gaps) expect(gap.failure.tag).toBe('CorruptTile');
    expect(gaps.length > 0).toBe(expected === 'opens with gaps');
  });
}
