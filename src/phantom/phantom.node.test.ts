import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const phantom = (...args: string[]): Promise<{ stdout: string }> =>
  run(process.execPath, ['--import', 'tsx', 'src/phantom/phantom.node.ts', ...args], { cwd: root });

test('pictures with their labels, as training and evaluate read them', { timeout: 90_000 }, async () => {
  const out = await mkdtemp(join(tmpdir(), 'phantom-'));
  try {
    await phantom('--seeds', '12-12', '--mpp', '0.5', '--size', '192', '--count', '1', '--out', out);
    expect((await readdir(out)).sort()).toEqual(
      ['classes.json', 'glands.png', 'lumina.png', 'nuclei.png', 'png', 'tissue.png']
        .map((end) => `phantom-12-0.${end}`)
        .concat('tissue.json'),
    );
    const base = join(out, 'phantom-12-0');
    for (const kind of ['nuclei', 'glands', 'lumina', 'tissue']) {
      const { width, height, channels, depth } = await sharp(`${base}.${kind}.png`).metadata();
      expect({ width, height, channels, depth }).toEqual({
        width: 192,
        height: 192,
        channels: 1,
        depth: kind === 'tissue' ? 'uchar' : 'ushort',
      });
    }
    const labels = await sharp(`${base}.nuclei.png`).toColourspace('grey16').raw({ depth: 'ushort' }).toBuffer();
    let highest = 0;
    for (let i = 0; i < labels.length; i += 2) highest = Math.max(highest, labels.readUInt16LE(i));
    const classes: Record<string, string> = JSON.parse(await readFile(`${base}.classes.json`, 'utf8'));
    expect(Object.keys(classes).length).toBe(highest);
    expect(highest).toBeGreaterThan(20);

    await phantom('--seeds', '12', '--mpp', '0.5', '--size', '96', '--count', '1', '--task', 'glands', '--out', out);
    expect(await readdir(out)).toEqual(expect.arrayContaining(['phantom-12-0.jpg', 'phantom-12-0.instances.png']));
  } finally {
    await rm(out, { recursive: true });
  }
});

test('wrong arguments are answered with the usage', { timeout: 60_000 }, async () => {
  await expect(phantom('--seeds', '1', '--mpp', '9', '--out', 'x')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--mpp must be 0.25 to 2'),
  });
});
