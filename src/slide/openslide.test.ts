// Whole slides against OpenSlide and libvips as they run here: pyramids that libvips writes, and JPEG 2000 whose pixels
// are too many to keep. `.ci/run` installs both (testing/requirements.txt); elsewhere EOSIN_OPENSLIDE names a Python with them.
import { spawnSync } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { openSlide } from './open.ts';
import { readRegion } from './region.ts';
import { nodeDecoders } from './testing/decoders.ts';
import { sharedPath } from './testing/shared.ts';

const HERE = resolve(import.meta.dirname, '../..');
const python = process.env.EOSIN_OPENSLIDE ?? join(HERE, '.openslide/bin/python');
const { signal } = new AbortController();
setMaxListeners(200, signal);

interface Told {
  readonly name: string;
  readonly source: string;
  readonly levels: readonly [number, number][];
  readonly most: number;
}

const absent = !existsSync(python) || !existsSync(sharedPath('CMU-1-Small-Region.svs'));
test.skipIf(absent && process.env.CI !== 'true')(
  'every level of what libvips writes, and of lossy JPEG 2000 [OpenSlide, libvips]',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'openslide-'));
    try {
      const script = resolve(import.meta.dirname, 'testing/oracle.py');
      const made = spawnSync(python, [script, sharedPath('.'), folder], { encoding: 'utf8' });
      expect(made.status, made.stderr).toBe(0);
      const { madeWith, slides }: { madeWith: Record<string, string>; slides: Told[] } = JSON.parse(
        readFileSync(join(folder, 'what.json'), 'utf8'),
      );
      const lines: string[] = [];
      for (const { name, source, levels, most } of slides) {
        using slide = await openSlide(new File([readFileSync(source)], basename(source)), {
          signal,
          decoders: nodeDecoders,
        });
        const largest: number[] = [];
        for (const [number, [width, height]] of levels.entries()) {
          const level = slide.levels.find((each) => each.widthPx === width && each.heightPx === height);
          if (!level) throw new Error(`${name} has no level of ${width} × ${height}`);
          const { downsample } = level;
          const rect = { x: 0, y: 0, width: width * downsample, height: height * downsample };
          const { rgba } = await readRegion(slide, rect, downsample, { signal });
          const truth = readFileSync(join(folder, `${name}.${number}.rgb`));
          let difference = 0;
          for (let i = 0, k = 0; i < truth.length; i += 3, k += 4) {
            for (let c = 0; c < 3; c++)
              difference = Math.max(difference, Math.abs((rgba[k + c] ?? 0) - (truth[i + c] ?? 0)));
          }
          largest.push(difference);
        }
        lines.push(`${name}: largest difference by level ${largest.join(', ')}`);
        expect(Math.max(...largest), name).toBeLessThanOrEqual(most);
      }
      console.info([JSON.stringify(madeWith), ...lines].join('\n'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  240_000,
);
