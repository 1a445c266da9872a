// Just enough of WebAssembly's binary format (core specification 3.0, chapter 5, with its vector instructions) to write
// kernels as TypeScript that unrolls itself: no compiler, no binary in the repository.

/** Instructions as bytes. An expression leaves one value, a statement none. */
export type Code = readonly number[];

const TYPE = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const;
export type ValueType = keyof typeof TYPE;

/** A parameter or local of one function. */
export interface Local {
  readonly index: number;
}

export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly locals: readonly ValueType[];
  readonly code: Code;
}

/** @param write gives the body; `local` declares one more local, which starts at zero */
export function wasmFunction(
  name: string,
  parameters: readonly ValueType[],
  write: (parameters: Local[], local: (type: ValueType) => Local) => Code,
): WasmFunction {
  const locals: ValueType[] = [];
  const local = (type: ValueType): Local => ({ index: parameters.length + locals.push(type) - 1 });
  const code = write(
    parameters.map((_, index) => ({ index })),
    local,
  );
  return { name, parameters, locals, code };
}

export interface Writing {
  /** The next parameter; all of them before the first local. */
  parameter(type?: ValueType): Local;
  /** One more local, which starts at zero. */
  local(type?: ValueType): Local;
}

/** A function that declares its parameters as it is written. */
export function written(name: string, write: (writing: Writing) => Code): WasmFunction {
  const parameters: ValueType[] = [];
  const locals: ValueType[] = [];
  const body = write({
    parameter(type = 'i32') {
      if (locals.length > 0) throw new RangeError('a parameter comes after a local');
      return { index: parameters.push(type) - 1 };
    },
    local: (type = 'i32') => ({ index: parameters.length + locals.push(type) - 1 }),
  });
  return { name, parameters, locals, code: body };
}

const unsigned = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...unsigned(Math.floor(value / 128))];
const signed = (value: number): number[] => {
  const rest = value >> 7;
  const low = value & 127;
  const isLast = (rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0);
  return isLast ? [low] : [low | 128, ...signed(rest)];
};
const floatBytes = (value: number): number[] => [...new Uint8Array(Float32Array.of(value).buffer)];

export const get = ({ index }: Local): Code => [0x20, ...unsigned(index)];
export const set = ({ index }: Local, value: Code): Code => [...value, 0x21, ...unsigned(index)];
export const code = (...parts: readonly Code[]): Code => parts.flat();

const two =
  (...operation: number[]) =>
  (a: Code, b: Code): Code => [...a, ...b, ...operation];
const one =
  (...operation: number[]) =>
  (a: Code): Code => [...a, ...operation];
const vector = (operation: number): number[] => [0xfd, ...unsigned(operation)];

const FLOAT_ALIGNED = 2; // log2 of the bytes that addresses are promised to be multiples of

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  load: (at: Code, offset = 0): Code => [...at, 0x28, 0, ...unsigned(offset)],
  loadByte: (at: Code, offset = 0): Code => [...at, 0x2d, 0, ...unsigned(offset)], //   0 to 255
  loadShort: (at: Code, offset = 0): Code => [...at, 0x2f, 0, ...unsigned(offset)], //  0 to 65,535
  store: (at: Code, value: Code, offset = 0): Code => [...at, ...value, 0x36, 0, ...unsigned(offset)],
  storeByte: (at: Code, value: Code, offset = 0): Code => [...at, ...value, 0x3a, 0, ...unsigned(offset)],
  add: two(0x6a),
  sub: two(0x6b),
  mul: two(0x6c),
  isAbove: two(0x4b), //    unsigned: addresses reach beyond 2^31
  isEqual: two(0x46),
  isBelow: two(0x49),
  and: two(0x71),
  or: two(0x72),
  shiftLeft: two(0x74),
  shiftRight: two(0x76), // zeros come in
  zerosBelow: one(0x68), // the lowest bit that is set
};

/** Sixteen bytes. */
export const i8x16 = {
  const: (bytes: readonly number[]): Code => [...vector(0x0c), ...bytes],
  chosen: two(...vector(0x0e)), //   of a, where b says for each place which
  isEqual: two(...vector(0x23)), // all ones where they are
  signs: one(...vector(0x64)), //   the highest bit of each, as an i32
};

export const f32 = {
  load: (at: Code): Code => [...at, 0x2a, FLOAT_ALIGNED, 0],
  store: (at: Code, value: Code): Code => [...at, ...value, 0x38, FLOAT_ALIGNED, 0],
  add: two(0x92),
  mul: two(0x94),
};

export const v128 = {
  load: (at: Code, offset = 0): Code => [...at, ...vector(0x00), FLOAT_ALIGNED, ...unsigned(offset)],
  loadSplat: (at: Code, offset = 0): Code => [...at, ...vector(0x09), FLOAT_ALIGNED, ...unsigned(offset)],
  store: (at: Code, value: Code, offset = 0): Code => [
    ...at,
    ...value,
    ...vector(0x0b),
    FLOAT_ALIGNED,
    ...unsigned(offset),
  ],
  const: (value: number): Code => [...vector(0x0c), ...Array.from({ length: 4 }, () => floatBytes(value)).flat()],
  splat: one(...vector(0x13)), // of an f32
  lane: (a: Code, lane: number): Code => [...a, ...vector(0x1f), lane],
  isAbove: two(...vector(0x44)), // all ones where a > b
  and: two(...vector(0x4e)),
  or: two(...vector(0x50)),
  nearest: one(...vector(0x6a)),
  abs: one(...vector(0xe0)),
  sqrt: one(...vector(0xe3)),
  add: two(...vector(0xe4)),
  sub: two(...vector(0xe5)),
  mul: two(...vector(0xe6)),
  div: two(...vector(0xe7)),
  mulAdd: (a: Code, b: Code, c: Code): Code => [...a, ...b, ...c, ...vector(0x105)], // a · b + c, relaxed: rounded once or twice
  below: two(...vector(0xea)), // b where b < a, else a: one instruction where min is several
  above: two(...vector(0xeb)), // b where a < b, else a, NaN too
  min: two(...vector(0xe8)), // NaN stays
  max: two(...vector(0xe9)),
  toInt: one(...vector(0xf8)),
  addInt: two(...vector(0xae)),
  constInt: (value: number): Code => [
    ...vector(0x0c),
    ...Array.from({ length: 4 }, () => [...new Uint8Array(Int32Array.of(value).buffer)]).flat(),
  ],
  shiftLeft: (a: Code, bits: number): Code => [...a, ...i32.const(bits), ...vector(0xab)],
};

/** Adds to a local, an address most often. */
export const advance = (at: Local, by: Code): Code => set(at, i32.add(get(at), by));

/** Repeats `body` and then adds `step` to `at`, as long as at + step <= end; unsigned. */
export const stepWhile = (at: Local, end: Local, step: number, body: Code): Code => [
  ...[0x02, 0x40, 0x03, 0x40], //                                              block, loop
  ...i32.isAbove(i32.add(get(at), i32.const(step)), get(end)),
  ...[0x0d, 1], //                                                             out of both
  ...body,
  ...advance(at, i32.const(step)),
  ...[0x0c, 0, 0x0b, 0x0b], //                                                 again; ends
];

/** Repeats `body`, at least once, while the condition holds after it. */
export const repeatWhile = (condition: Code, body: Code): Code => [
  ...[0x03, 0x40],
  ...body,
  ...condition,
  ...[0x0d, 0, 0x0b],
];

export const when = (condition: Code, yes: Code, no: Code = []): Code => [
  ...condition,
  ...[0x04, 0x40],
  ...yes,
  ...(no.length > 0 ? [0x05, ...no] : []),
  0x0b,
];

const text = (value: string): number[] => {
  const bytes = new TextEncoder().encode(value);
  return [...unsigned(bytes.length), ...bytes];
};
const list = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];

/**
 * A module of functions that return nothing, exported by name, over an imported memory `parts.memory`.
 * @param sharedPages the memory is one that threads share, of at most so many pages; absent: it is one thread's
 */
export function assembled(functions: readonly WasmFunction[], sharedPages?: number): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => [0x60, ...list(parameters.map((type) => [TYPE[type]])), 0]);
  const limits = sharedPages === undefined ? [0x00, 1] : [0x03, 1, ...unsigned(sharedPages)];
  const memory = [...text('parts'), ...text('memory'), 0x02, ...limits];
  const bodies = functions.map(({ locals, code: body }) => {
    const whole = [...list(locals.map((type) => [1, TYPE[type]])), ...body, 0x0b];
    return [...unsigned(whole.length), ...whole];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(types)),
    ...section(2, list([memory])),
    ...section(3, list(functions.map((_, index) => unsigned(index)))),
    ...section(7, list(functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]))),
    ...section(10, list(bodies)),
  ]);
}
