// OME-Zarr 0.4 and 0.5: a folder with an array for each level. Three channels of 8 bits are colours, else one is shown.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { ByteSource } from '../byte-source.ts';
import { unpackedBy } from '../codecs.ts';
import { type Folder, within } from '../folder.ts';
import { channelOf, channelProperties, channelsOf, oneOf } from '../grey.ts';
import { layeredSlide, type ReadableLevel } from '../layered-slide.ts';
import type { Reading } from '../page-tile.ts';
import { middleOf, planeNames, planeOfLevel, planeProperties, planesOf } from '../planes.ts';
import { bytesOfNumber, type ValueRange, wholeRangeOf } from '../samples.ts';
import type { FocalPlanes } from '../slide.ts';
import type { Grid } from '../tile-reader.ts';
import { inside, marked, tileRect, unlessDamaged } from '../tile-reader.ts';
import { type Sample, toldByPicture } from '../told-by-picture.ts';
import type { PackedBlock } from '../unpack.ts';
import { openZarrArray, type ZarrArray } from '../zarr.ts';
import type { SlideFormat } from './format.ts';
import { isList, isObject, type Json, type JsonObject, jsonOf } from './json.ts';
import { plausibleMpp } from './tiff-slide.ts';

const MOST_META = 16 * 1024 * 1024; // bytes

export const omeZarr: SlideFormat = {
  name: 'OME-Zarr',
  matches: ({ head, name }) => {
    if (name !== '.zattrs' && name !== 'zarr.json') return false;
    return new TextDecoder('latin1').decode(head.subarray(0, 1)) === '{';
  },
  async open({ beside: folder }, opened, waits) {
    const { source } = opened;
    if (!folder) {
      const reason = 'the description of an OME-Zarr, whose pixels lie in the folder around it';
      throw new EosinError({ tag: 'UnsupportedSlide', name: source.name, reason, todo: 'Open the folder.' });
    }
    const { name } = folder;
    const corrupt = (reason: string): EosinError => new EosinError({ tag: 'CorruptSlide', name, reason });
    const { beside, ome } = await pictureIn({ beside: folder, source }, waits);
    const scales = isList(ome.multiscales) ? ome.multiscales[0] : undefined;
    if (!isObject(scales)) throw corrupt('it describes no picture (multiscales)');
    const axes = axesOf(scales.axes, corrupt);
    const datasets = (isList(scales.datasets) ? scales.datasets : []).filter(isObject).slice(0, 32);
    const paths = datasets.map(({ path }) => String(path).replace(/\/$/, ''));
    const arrays = await Promise.all(paths.map((path) => openZarrArray(beside, path, waits)));
    const [base] = arrays;
    if (!base || base.shape.length !== axes.length) throw corrupt('its arrays do not have the axes that it describes');
    if (arrays.some(({ shape }) => shape.length !== axes.length)) throw corrupt('its arrays differ in their axes');

    const channelAxis = axes.indexOf('c');
    const count = channelAxis < 0 ? 1 : (base.shape[channelAxis] ?? 1);
    const omero = isObject(ome.omero) ? ome.omero : {};
    const names = channelNames(omero, count);
    const isByte = base.depth === 8 && base.numbers === 'unsigned';
    const isRgb = count === 3 && isByte && looksRgb(omero);
    const channel = isRgb ? 0 : channelOf(opened, count);
    const range = isByte ? wholeRangeOf(base) : windowOf(omero, channel);
    const sizes = sizesOf(datasets[0], scales);
    const depths = depthNames(base, axes, sizes);
    const planes = planesOf(opened, depths, firstPlane(omero, depths.length));
    const told = await toldByPicture(opened, sampleOf(arrays.at(-1) ?? base, axes, paths.at(-1) ?? ''), waits);
    const { reading } = told;
    const look: Look = { axes, channels: isRgb ? [0, 1, 2] : [channel], planes, range };
    const smallest = arrays.at(-1) ?? base;
    const seen = range ?? (await rangeOf(smallest, look, paths.at(-1) ?? '', reading, waits));
    const levels = arrays.map((array, i) => levelOf(array, paths[i] ?? '', { ...look, range: seen }, reading));
    const mpp = plausibleMpp(sizes.at(-1) ?? Number.NaN, sizes.at(-2) ?? Number.NaN);
    const properties: Record<string, string> = { 'ome.version': String(ome.version ?? scales.version ?? '') };
    if (typeof scales.name === 'string') properties['ome.name'] = scales.name;
    if (mpp) {
      properties['openslide.mpp-x'] = String(mpp.x);
      properties['openslide.mpp-y'] = String(mpp.y);
    }
    Object.assign(properties, isRgb ? {} : channelProperties(names, channel), planeProperties(planes));
    const channels = isRgb ? undefined : channelsOf(names, channel, seen);
    const facts = { format: omeZarr.name, vendor: undefined, mpp, objective: undefined, properties, channels, planes };
    const slide = layeredSlide({ levels, facts, fingerprint: told.fingerprint }, reading);
    return { ...slide, name };
  },
};

interface Described {
  readonly beside: Folder;
  readonly source: ByteSource; // of the description
}

/** The picture that a folder holds: its own, or the first of several that bioformats2raw has written. */
async function pictureIn({ beside, source }: Described, waits: Waits): Promise<{ beside: Folder; ome: JsonObject }> {
  const ome = await omeOf(source, beside.name, waits);
  refusePlates(ome, beside.name);
  if (!('bioformats2raw.layout' in ome) || isList(ome.multiscales)) return { beside, ome };
  const listed = await descriptionIn(within(beside, 'OME/'), waits);
  const { series } = listed ? await omeOf(listed, beside.name, waits) : {};
  const [first = '0'] = isList(series) ? series.filter((path) => typeof path === 'string') : [];
  const inner = within(beside, `${first.replace(/\/$/, '')}/`);
  const found = await descriptionIn(inner, waits);
  if (!found) {
    const reason = `the first of its pictures, ${first}, is not in it`;
    throw new EosinError({ tag: 'CorruptSlide', name: beside.name, reason });
  }
  return { beside: inner, ome: await omeOf(found, beside.name, waits) };
}

/** What describes the folder, of version 0.4 or 0.5. */
async function descriptionIn(folder: Folder, waits: Waits): Promise<ByteSource | undefined> {
  return (await folder.open('.zattrs', waits)) ?? (await folder.open('zarr.json', waits));
}

async function omeOf(source: ByteSource, name: string, waits: Waits): Promise<JsonObject> {
  const meta = jsonOf(await source.read(0, Math.min(source.size, MOST_META), waits), name);
  const attributes = isObject(meta.attributes) ? meta.attributes : meta;
  return isObject(attributes.ome) ? attributes.ome : attributes;
}

/** Plates of many wells are no slides, but each field of a well is one. */
function refusePlates({ plate, well }: JsonObject, name: string): void {
  const refuse = (reason: string, of: Json | undefined, after: string): never => {
    const path = isObject(of) && typeof of.path === 'string' ? `${of.path}${after}` : `A/1${after}`;
    const todo = `Open the folder of one field in it, such as ${path}.`;
    throw new EosinError({ tag: 'UnsupportedSlide', name, reason, todo });
  };
  if (isObject(plate)) {
    const wells = isList(plate.wells) ? plate.wells : [];
    refuse(`a plate of ${wells.length} wells`, wells[0], '/0');
  }
  if (isObject(well)) {
    const fields = isList(well.images) ? well.images : [];
    refuse(`a well of a plate, with ${fields.length} fields`, fields[0], '');
  }
}

/** The chunk in the middle of the smallest level, by which the slide is told from others. */
function sampleOf(array: ZarrArray, axes: readonly Axis[], path: string): Sample {
  const chunk = axes.map((axis) => {
    const count = Math.ceil(sizeAlong(array, axes, axis, 'shape') / sizeAlong(array, axes, axis, 'chunk'));
    return axis === 'x' || axis === 'y' ? Math.floor(count / 2) : 0;
  });
  return { key: `${path}/${chunk.join('.')}`, read: (waits) => array.bytes(chunk, waits) };
}

type Axis = 't' | 'c' | 'z' | 'y' | 'x';

function axesOf(axes: Json | undefined, corrupt: (reason: string) => EosinError): Axis[] {
  const names = (isList(axes) ? axes : []).map((axis) => (isObject(axis) ? axis.name : axis));
  const known = names.flatMap((name) => (['t', 'c', 'z', 'y', 'x'] as const).filter((axis) => axis === name));
  if (known.length !== names.length || known.slice(-2).join('') !== 'yx')
    throw corrupt('its axes are not t, c, z, y, x');
  return known;
}

function channelNames(omero: JsonObject, count: number): string[] {
  const channels = isList(omero.channels) ? omero.channels : [];
  return Array.from({ length: Math.min(count, 256) }, (_, i) => {
    const channel = channels[i];
    return isObject(channel) && typeof channel.label === 'string' ? channel.label : `Channel ${i + 1}`;
  });
}

/** Red, green and blue by their colours; three channels without any colours are taken for them too. */
function looksRgb(omero: JsonObject): boolean {
  const channels = isList(omero.channels) ? omero.channels : [];
  const colours = channels.map((channel) => (isObject(channel) ? String(channel.color).toUpperCase() : ''));
  return channels.length === 0 || colours.join() === 'FF0000,00FF00,0000FF';
}

function windowOf(omero: JsonObject, channel: number): ValueRange | undefined {
  const own = isList(omero.channels) ? omero.channels[channel] : undefined;
  const window = isObject(own) ? own.window : undefined;
  const [low, high] = isObject(window) ? [window.start, window.end] : [];
  return typeof low === 'number' && typeof high === 'number' && high > low ? { low, high } : undefined;
}

const UM_PER: Readonly<Record<string, number>> = {
  micrometer: 1,
  nanometer: 1e-3,
  millimeter: 1e3,
  centimeter: 1e4,
  decimeter: 1e5,
  meter: 1e6,
  picometer: 1e-6,
  inch: 25_400,
  angstrom: 1e-4,
};

/** Of a pixel along each axis, µm; NaN where it is not said. */
function sizesOf(dataset: JsonObject | undefined, scales: JsonObject): number[] {
  const list = isList(scales.axes) ? scales.axes : [];
  const scaleOf = (holder: JsonObject | undefined): readonly Json[] => {
    const steps = holder && isList(holder.coordinateTransformations) ? holder.coordinateTransformations : [];
    const scale = steps.filter(isObject).find((step) => step.type === 'scale')?.scale;
    return isList(scale) ? scale : [];
  };
  const [own, common] = [scaleOf(dataset), scaleOf(scales)];
  return list.map((axis, i) => {
    const unit = isObject(axis) ? UM_PER[String(axis.unit)] : undefined;
    return Number(own[i] ?? Number.NaN) * Number(common[i] ?? 1) * (unit ?? Number.NaN);
  });
}

function depthNames(array: ZarrArray, axes: readonly Axis[], sizes: readonly number[]): string[] {
  const um = sizes[axes.indexOf('z')];
  return planeNames(sizeAlong(array, axes, 'z', 'shape'), (plane) => um && plane * um);
}

/** The plane that the writer says a viewer begins with; the middle one where it says none. */
function firstPlane(omero: JsonObject, count: number): number {
  const said = isObject(omero.rdefs) ? omero.rdefs.defaultZ : undefined;
  return oneOf(typeof said === 'number' ? said : undefined, count, middleOf(count));
}

/** How an array is looked at. */
interface Look {
  readonly axes: readonly Axis[];
  readonly channels: readonly [number] | readonly [number, number, number];
  readonly planes: FocalPlanes | undefined;
  readonly range: ValueRange | undefined;
}

/** Which depth of an array is shown. */
const depthOf = (array: ZarrArray, { axes, planes }: Look): number =>
  planeOfLevel(planes, sizeAlong(array, axes, 'z', 'shape'));

const sizeAlong = (array: ZarrArray, axes: readonly Axis[], axis: Axis, of: 'shape' | 'chunk'): number =>
  array[of][axes.indexOf(axis)] ?? 1;

/** How much of a chunk is picture, and no padding. */
const heldAlong = (array: ZarrArray, axes: readonly Axis[], axis: 'x' | 'y', chunk: number): number => {
  const side = sizeAlong(array, axes, axis, 'chunk');
  return Math.min(side, sizeAlong(array, axes, axis, 'shape') - chunk * side);
};

/** Chunks of the first time that hold the channels at a column and row of the grid, at the depth that is shown. */
function chunksAt(array: ZarrArray, look: Look, col: number, row: number): number[][] {
  const { axes, channels } = look;
  const perChunk = sizeAlong(array, axes, 'c', 'chunk');
  const z = Math.floor(depthOf(array, look) / sizeAlong(array, axes, 'z', 'chunk'));
  return [...new Set(channels.map((channel) => Math.floor(channel / perChunk)))].map((c) =>
    axes.map((axis) => ({ x: col, y: row, c, z, t: 0 })[axis]),
  );
}

function blockOf(array: ZarrArray, look: Look, pieces: PackedBlock['pieces']): PackedBlock {
  const { axes, channels, range } = look;
  const perChunk = sizeAlong(array, axes, 'c', 'chunk');
  const planesInChunk = sizeAlong(array, axes, 'z', 'chunk') * sizeAlong(array, axes, 't', 'chunk');
  const chunks = [...new Set(channels.map((channel) => Math.floor(channel / perChunk)))];
  const deep = sizeAlong(array, axes, 'z', 'chunk');
  // Planes of a channel follow each other, or channels of a plane.
  const [channelStep, planeStep] = axes.indexOf('c') > axes.indexOf('z') ? [1, perChunk] : [deep, 1];
  const samples = perChunk * planesInChunk;
  const placeOf = (channel: number): number =>
    chunks.indexOf(Math.floor(channel / perChunk)) * samples +
    (channel % perChunk) * channelStep +
    (depthOf(array, look) % deep) * planeStep;
  const [first, second, third] = channels;
  return {
    pieces,
    packing: array.codecs,
    width: sizeAlong(array, axes, 'x', 'chunk'),
    height: sizeAlong(array, axes, 'y', 'chunk'),
    layout: 'planes',
    samples,
    depth: array.depth,
    numbers: array.numbers,
    colours: { kind: 'stored' },
    littleEndian: array.littleEndian,
    predictor: 1,
    shown:
      second !== undefined && third !== undefined
        ? [placeOf(first), placeOf(second), placeOf(third)]
        : [placeOf(first)],
    inverted: false,
    range: range ?? wholeRangeOf(array),
    alpha: undefined,
  };
}

function levelOf(array: ZarrArray, path: string, look: Look, reading: Reading): ReadableLevel {
  const along = (axis: Axis, of: 'shape' | 'chunk'): number => sizeAlong(array, look.axes, axis, of);
  const grid: Grid = {
    widthPx: along('x', 'shape'),
    heightPx: along('y', 'shape'),
    tileWidth: along('x', 'chunk'),
    tileHeight: along('y', 'chunk'),
  };
  return {
    grid,
    read: (at, waits) => {
      const { width, height } = tileRect(grid, at);
      return marked(at, waits, async () => {
        const chunks = chunksAt(array, look, at.col, at.row);
        const keys = chunks.map((chunk) => `${reading.source.identity}/${path}/${chunk.join('.')}`);
        try {
          const block = await packed(array, look, chunks, keys, reading, waits);
          const pixels = await reading.decoders.block(block, waits);
          return await inside(pixels, { x: 0, y: 0, width, height });
        } catch (thrown) {
          if (!waits.signal.aborted) for (const key of keys) reading.tiles.forgetTile(key);
          throw thrown;
        }
      });
    },
  };
}

/** What lies in the chunks; those that are left out are made of the value that fills them. */
async function packed(
  array: ZarrArray,
  look: Look,
  chunks: readonly (readonly number[])[],
  keys: readonly string[],
  { tiles }: Reading,
  waits: Waits,
): Promise<PackedBlock> {
  const pieces = await Promise.all(
    chunks.map((chunk, i) =>
      tiles.get(keys[i] ?? '', async (shared) => (await array.bytes(chunk, shared)) ?? new Uint8Array(0), waits),
    ),
  );
  const block = blockOf(array, look, pieces);
  if (pieces.every(({ length }) => length > 0)) return block;
  const whole = await Promise.all(pieces.map((piece) => (piece.length > 0 ? undefined : filled(array, block))));
  // One unpacked piece makes all unpacked: the filled ones are packed by nothing.
  const size = (block.width * block.height * block.samples * block.depth) / 8;
  const unpacked = await Promise.all(pieces.map((piece, i) => whole[i] ?? unpackedBy(array.codecs, piece, size)));
  return { ...block, pieces: unpacked, packing: [] };
}

function filled(array: ZarrArray, { width, height, samples, depth }: PackedBlock): Uint8Array<ArrayBuffer> {
  const count = width * height * samples;
  if (depth === 8) return new Uint8Array(count).fill(array.fill);
  const one = bytesOfNumber(array.fill, array, array.littleEndian);
  const out = new Uint8Array(count * one.length);
  if (array.fill !== 0) for (let at = 0; at < out.length; at += one.length) out.set(one, at);
  return out;
}

const MOST_LOOKED_AT = 9; // chunks of the smallest level

async function rangeOf(
  array: ZarrArray,
  look: Look,
  path: string,
  reading: Reading,
  waits: Waits,
): Promise<ValueRange> {
  const [columns, rows] = (['x', 'y'] as const).map((axis) =>
    Math.ceil(sizeAlong(array, look.axes, axis, 'shape') / sizeAlong(array, look.axes, axis, 'chunk')),
  );
  const total = (columns ?? 1) * (rows ?? 1);
  let range: ValueRange | undefined;
  for (let i = 0; i < Math.min(MOST_LOOKED_AT, total); i++) {
    const index = Math.floor((i * total) / Math.min(MOST_LOOKED_AT, total));
    const [col, row] = [index % (columns ?? 1), Math.floor(index / (columns ?? 1))];
    const chunks = chunksAt(array, look, col, row);
    const part = { width: heldAlong(array, look.axes, 'x', col), height: heldAlong(array, look.axes, 'y', row) };
    const keys = chunks.map((chunk) => `${reading.source.identity}/${path}/${chunk.join('.')}`);
    const seen = await unlessDamaged(waits, async () =>
      reading.decoders.range({ ...(await packed(array, look, chunks, keys, reading, waits)), part }, waits),
    );
    if (!seen) continue;
    range = { low: Math.min(range?.low ?? seen.low, seen.low), high: Math.max(range?.high ?? seen.high, seen.high) };
  }
  return range ?? wholeRangeOf(array);
}
