// A slide for timing: a tiled JPEG pyramid of tissue, as scanners write it, as large as asked. The painting of the sample
// slide costs time that no real slide does, so it is not what a pipeline is timed on.
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { run } from '../../scripts/child.mjs';
import { root } from '../../scripts/project.mjs';

const SCANNED = join(root, '../shared/slides/CMU-1-Small-Region.svs');
const SCANNED_MPP = 0.5; // 0.499 by its header
const CACHE = join(root, '.cache/bench');
const PAINTED = { size: 2048, mpp: 0.5, seed: 2 };
const TILE = 256;
const QUALITY = 80;

/** A picture to make the slide of: scanned tissue where it is here, else one of the sample's, saved as a PNG. */
async function picture() {
  if (existsSync(SCANNED)) return { path: SCANNED, mpp: SCANNED_MPP, from: 'scanned tissue (CMU-1-Small-Region)' };
  const folder = join(CACHE, 'painted');
  const pictures = () => readdirSync(folder).filter((name) => /^[^.]+\.png$/.test(name));
  if (!existsSync(folder) || pictures().length === 0) {
    const { size, mpp, seed } = PAINTED;
    const asked = [
      '--seeds',
      `${seed}-${seed}`,
      '--mpp',
      `${mpp}`,
      '--size',
      `${size}`,
      '--count',
      '1',
      '--out',
      folder,
    ];
    const tool = ['node_modules/tsx/dist/cli.mjs', 'src/phantom/phantom.node.ts', ...asked];
    const { code, output } = await run(process.execPath, tool, { seconds: 300, quiet: true });
    if (code !== 0) throw new Error(output);
  }
  return { path: join(folder, pictures()[0]), mpp: PAINTED.mpp, from: `painted tissue (phantom:${PAINTED.seed})` };
}

/**
 * The picture again and again, mirrored at its edges, so that tissue goes on without a break.
 * @param {{ width: number, height: number, mpp: number }} asked of level 0
 * @returns {Promise<{ path: string, from: string }>} kept from one benchmark to the next
 */
export async function benchSlide({ width, height, mpp }) {
  const { path: picturePath, mpp: pictureMpp, from } = await picture();
  const kind = from.startsWith('scanned') ? 'scanned' : 'painted';
  const path = join(CACHE, `${kind}-${width}x${height}-${mpp}.tif`);
  if (existsSync(path)) return { path, from };
  mkdirSync(CACHE, { recursive: true });
  const scale = pictureMpp / mpp;
  const source = sharp(picturePath).removeAlpha();
  const { width: fullWidth, height: fullHeight } = await source.metadata();
  const scaled = await source
    .resize(Math.round(fullWidth * scale), Math.round(fullHeight * scale), { fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width: w, height: h, channels } = scaled.info;
  const raw = { width: w, height: h, channels };
  const whole = await sharp(scaled.data, { raw, limitInputPixels: false })
    .extend({ right: Math.max(0, width - w), bottom: Math.max(0, height - h), extendWith: 'mirror' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  await sharp(whole.data, {
    raw: { width: whole.info.width, height: whole.info.height, channels },
    limitInputPixels: false,
  })
    .extract({ left: 0, top: 0, width, height })
    .tiff({
      compression: 'jpeg',
      quality: QUALITY,
      tile: true,
      tileWidth: TILE,
      tileHeight: TILE,
      pyramid: true,
      xres: 1000 / mpp,
      yres: 1000 / mpp,
      resolutionUnit: 'cm',
    })
    .toFile(`${path}.part`);
  renameSync(`${path}.part`, path);
  return { path, from };
}
