// What every kind of evaluation reads: pictures, models by folder, and the words of a refusal.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, extname, join, resolve } from 'node:path';
import sharp from 'sharp';
import { EosinError } from '#errors/failure.ts';
import type { LoadedModel, LoadedRows } from '#inference/model.ts';
import { openNodeModel, openNodeRows } from '#inference/node-model.ts';
import { parseManifest, parsePatchManifest } from '#inference/parse-manifest.ts';
import type { Pixels } from '#slide/slide.ts';
import type { MppXY } from '#units/units.ts';

export const LABELS = '.instances.png';
const IMAGES = ['.jpg', '.jpeg', '.png', '.webp', '.tif', '.tiff'];

/** What was asked on the command line, as far as every task shares it. */
export interface Asked {
  readonly model: string;
  readonly images: string;
  readonly mpp: MppXY;
  readonly json: string | undefined;
}

export const refuse = (what: string, seen: string, todo: string): EosinError =>
  new EosinError({ tag: 'BadInput', what, seen, todo });

export const isImage = (file: string): boolean =>
  IMAGES.includes(extname(file).toLowerCase()) && !file.endsWith(LABELS);

export const nameOf = (file: string): string => basename(file, extname(file));

export function modelFolder(named: string): string {
  const shipped = resolve(import.meta.dirname, '../../../public/models', named);
  const folder = [shipped, resolve(named)].find((path) => existsSync(join(path, 'model.json')));
  if (!folder) {
    const known = readdirSync(resolve(shipped, '..'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const todo = `Known are: ${known.map(({ name }) => name).join(', ')}.`;
    throw refuse(`The model ${named}`, 'there is no such folder in public/models', todo);
  }
  return folder;
}

const bytesOf = (path: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(path));

export async function openModel(folder: string): Promise<LoadedModel> {
  const manifest = parsePatchManifest(JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')));
  const golden = {
    image: await pixelsOf(join(folder, manifest.golden.image)),
    outputs: bytesOf(join(folder, manifest.golden.outputs)).buffer,
  };
  const onnx = bytesOf(join(folder, manifest.file));
  return openNodeModel({ manifest, onnx, golden, threads: Math.min(4, availableParallelism()) });
}

/** A tile head or an attention network. */
export async function openRows(folder: string): Promise<LoadedRows> {
  const manifest = parseManifest(JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')));
  if (manifest.task !== 'head' && manifest.task !== 'attention')
    throw refuse(manifest.id, `it is of the task ${manifest.task}`, 'Choose a tile head or an attention network.');
  const golden = {
    features: bytesOf(join(folder, manifest.golden.features)).buffer,
    outputs: bytesOf(join(folder, manifest.golden.outputs)).buffer,
  };
  return openNodeRows({ manifest, onnx: bytesOf(join(folder, manifest.file)), golden });
}

export async function pixelsOf(file: string): Promise<Pixels> {
  const image = sharp(file).flatten({ background: '#ffffff' }).toColourspace('srgb').ensureAlpha();
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgba: Uint8ClampedArray.from(data) };
}
