// Arrays of Zarr 2 and 3: what their metadata says, and the stored bytes of one chunk.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { CODECS, type Codec, unpackedBy } from './codecs.ts';
import type { Folder } from './folder.ts';
import { isList, isObject, type Json, type JsonObject, jsonOf } from './formats/json.ts';
import { DEPTHS, isReadable, type SampleType } from './samples.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface ZarrArray extends SampleType {
  readonly shape: readonly number[];
  readonly chunk: readonly number[]; // of what decodes at once: the inner chunks where there are shards
  readonly littleEndian: boolean;
  readonly fill: number;
  readonly codecs: readonly Codec[]; // in the order in which they were applied
  /** The stored bytes of a chunk; undefined where it is left out, and all its values are `fill`. */
  bytes(at: readonly number[], waits: Waits): Promise<Bytes | undefined>;
}

const MOST_META = 16 * 1024 * 1024; //  bytes
const MOST_CHUNK = 256 * 1024 * 1024; // bytes
const MOST_VALUES = 64 * 2 ** 20; //    of one chunk
const EMPTY = 0xffffffffffffffffn;

const unsupported = (name: string, what: string): EosinError =>
  new EosinError({
    tag: 'UnsupportedSlide',
    name,
    reason: `an OME-Zarr with ${what}`,
    todo: 'Write it again with rows first, integers of 8 to 32 bits or floats, and chunks packed with zlib, zstd or blosc.',
  });
const corrupt = (name: string, reason: string): EosinError => new EosinError({ tag: 'CorruptSlide', name, reason });

/** @param path of the array in the folder, without a slash at its end @throws EosinError UnsupportedSlide, CorruptSlide */
export async function openZarrArray(folder: Folder, path: string, waits: Waits): Promise<ZarrArray> {
  const { name } = folder;
  const second = await folder.read(`${path}/.zarray`, MOST_META, waits);
  if (second) return versionTwo(folder, path, jsonOf(second, name));
  const third = await folder.read(`${path}/zarr.json`, MOST_META, waits);
  if (third) return versionThree(folder, path, jsonOf(third, name));
  throw corrupt(name, `it has no array called “${path.slice(0, 80)}”`);
}

function versionTwo(folder: Folder, path: string, meta: JsonObject): ZarrArray {
  const { name } = folder;
  if (meta.order !== 'C') throw unsupported(name, 'columns first');
  if (isList(meta.filters) && meta.filters.length > 0) throw unsupported(name, 'filters');
  const [, order, letter = '', bytes] = /^([<>|])([uif])([1248])$/.exec(String(meta.dtype)) ?? [];
  const type = typeOf(NUMBERS_OF_LETTER[letter], 8 * Number(bytes), meta.dtype, name);
  const compressor = isObject(meta.compressor) ? [codecOf(meta.compressor.id, name)] : [];
  const separator = meta.dimension_separator === '/' ? '/' : '.';
  const array = shapeOf(meta.shape, meta.chunks, name);
  return {
    ...array,
    ...type,
    littleEndian: order !== '>',
    fill: fillOf(meta.fill_value),
    codecs: compressor,
    bytes: (at, waits) => folder.read(`${path}/${at.join(separator)}`, MOST_CHUNK, waits),
  };
}

function versionThree(folder: Folder, path: string, meta: JsonObject): ZarrArray {
  const { name } = folder;
  const [, word = '', bits] = /^(uint|int|float)(8|16|32|64)$/.exec(String(meta.data_type)) ?? [];
  const type = typeOf(NUMBERS_OF_WORD[word], Number(bits), meta.data_type, name);
  const grid = configurationOf(meta.chunk_grid);
  const keys = isObject(meta.chunk_key_encoding) ? meta.chunk_key_encoding : {};
  const encoding = configurationOf(keys);
  const isPlain = keys.name === 'v2';
  const separator = (encoding.separator ?? (isPlain ? '.' : '/')) === '/' ? '/' : '.';
  const keyOf = (at: readonly number[]): string =>
    `${path}/${isPlain ? at.join(separator) : ['c', ...at].join(separator)}`;
  const outer = shapeOf(meta.shape, grid.chunk_shape, name);
  const pipeline = pipelineOf(meta.codecs, name);
  const common = { ...type, fill: fillOf(meta.fill_value) };
  if (!pipeline.shard) {
    const bytes: ZarrArray['bytes'] = (at, waits) => folder.read(keyOf(at), MOST_CHUNK, waits);
    return { ...outer, ...common, littleEndian: pipeline.littleEndian, codecs: pipeline.codecs, bytes };
  }
  const inner = pipelineOf(pipeline.shard.codecs, name);
  const index = pipelineOf(pipeline.shard.index_codecs, name);
  const { chunk } = shapeOf(meta.shape, pipeline.shard.chunk_shape, name);
  const perShard = outer.chunk.map((size, i) => size / (chunk[i] ?? size));
  if (inner.shard || perShard.some((n) => !Number.isInteger(n))) throw unsupported(name, 'shards within shards');
  const atStart = pipeline.shard.index_location === 'start';
  return {
    shape: outer.shape,
    chunk,
    ...common,
    littleEndian: inner.littleEndian,
    codecs: inner.codecs,
    bytes: shardReader(folder, keyOf, perShard, index.codecs, atStart),
  };
}

/** Many chunks in one file, with a table of where each lies. */
function shardReader(
  folder: Folder,
  keyOf: (at: readonly number[]) => string,
  perShard: readonly number[],
  codecs: readonly Codec[],
  atStart: boolean,
): ZarrArray['bytes'] {
  const entries = perShard.reduce((product, n) => product * n, 1);
  const length = entries * 16 + codecs.filter((codec) => codec === 'crc32c').length * 4;
  return async (at, waits) => {
    const shard = at.map((n, i) => Math.floor(n / (perShard[i] ?? 1)));
    const source = await folder.open(keyOf(shard), waits);
    if (!source) return undefined;
    if (source.size < length) throw new Error('its shard is cut short');
    const packed = await source.read(atStart ? 0 : source.size - length, length, waits);
    const table = await unpackedBy(codecs, packed, entries * 16);
    const entry = at.reduce((sum, n, i) => sum * (perShard[i] ?? 1) + (n % (perShard[i] ?? 1)), 0);
    const view = new DataView(table.buffer, table.byteOffset);
    const offset = view.getBigUint64(entry * 16, true);
    const size = view.getBigUint64(entry * 16 + 8, true);
    if (offset === EMPTY && size === EMPTY) return undefined;
    if (size > MOST_CHUNK) throw new Error(`it claims ${size} bytes`);
    return source.read(Number(offset), Number(size), waits);
  };
}

function shapeOf(shape: Json | undefined, chunk: Json | undefined, name: string) {
  const sizes = (list: Json | undefined): number[] =>
    isList(list)
      ? list.map((n) => (typeof n === 'number' && Number.isInteger(n) && n > 0 && n <= 2 ** 31 ? n : 0))
      : [];
  const [whole, parts] = [sizes(shape), sizes(chunk)];
  const sound =
    whole.length >= 2 && whole.length <= 5 && whole.length === parts.length && ![...whole, ...parts].includes(0);
  if (!sound || parts.reduce((product, n) => product * n, 1) > MOST_VALUES)
    throw corrupt(name, 'an array of it has sizes that cannot be');
  return { shape: whole, chunk: parts };
}

const NUMBERS_OF_LETTER: Readonly<Record<string, SampleType['numbers']>> = { u: 'unsigned', i: 'signed', f: 'float' };
const NUMBERS_OF_WORD: Readonly<Record<string, SampleType['numbers']>> = {
  uint: 'unsigned',
  int: 'signed',
  float: 'float',
};

function typeOf(
  numbers: SampleType['numbers'] | undefined,
  bits: number,
  said: Json | undefined,
  name: string,
): SampleType {
  const depth = DEPTHS.find((known) => known === bits);
  const type = depth && numbers && { depth, numbers };
  if (!type || !isReadable(type)) throw unsupported(name, `values of type ${String(said).slice(0, 20)}`);
  return type;
}

/** NaN, and what has no number, as 0. */
const fillOf = (value: Json | undefined): number => (typeof value === 'number' ? value : 0);

function codecOf(id: Json | undefined, name: string): Codec {
  const known = CODECS.find((codec) => codec === id);
  if (!known) throw unsupported(name, `chunks packed with ${String(id).slice(0, 20)}`);
  return known;
}

const configurationOf = (value: Json | undefined): JsonObject => {
  const configuration = isObject(value) ? value.configuration : undefined;
  return isObject(configuration) ? configuration : {};
};

interface Pipeline {
  readonly codecs: readonly Codec[];
  readonly littleEndian: boolean;
  readonly shard: JsonObject | undefined;
}

function pipelineOf(list: Json | undefined, name: string): Pipeline {
  const codecs: Codec[] = [];
  let littleEndian = true;
  let shard: JsonObject | undefined;
  for (const entry of isList(list) ? list : []) {
    const id = isObject(entry) ? entry.name : undefined;
    if (id === 'bytes') littleEndian = configurationOf(entry).endian !== 'big';
    else if (id === 'sharding_indexed') shard = configurationOf(entry);
    else if (id === 'transpose') assertStraight(configurationOf(entry).order, name);
    else codecs.push(codecOf(id, name));
  }
  return { codecs, littleEndian, shard };
}

function assertStraight(order: Json | undefined, name: string): void {
  if (order !== 'C' && !(isList(order) && order.every((axis, i) => axis === i)))
    throw unsupported(name, 'axes out of order');
}
