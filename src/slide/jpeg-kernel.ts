// The look through a JPEG's codes as a WebAssembly kernel: several scans at a time, so that one is read while another waits
// for its tables, and without a branch at a block's end, which no processor foresees.
import {
  assembled,
  type Code,
  code,
  get,
  i8x16,
  i32,
  type Local,
  repeatWhile,
  set,
  v128,
  type WasmFunction,
  when,
  written,
} from '#wasm/assembler.ts';
import { LOOK } from './jpeg-codes.ts';

/** Parts of an entry of two bytes: bits passed (5), coefficients passed (7), and whether the block ends. */
export const ENTRY = { step: 5, ends: 15 } as const;
/** Coefficients of an entry that is none: the code is longer than the look, or does not exist. */
export const NO_STEP = 127;

/** A table: entries by the next LOOK bits, and behind them, for what those do not tell, of one code by the next 16. */
export const SINGLE = 2 << LOOK;
export const TABLE_BYTES = SINGLE + (2 << 16);

/**
 * A block of the unit, 16 bytes: the table and the block for what comes next, first where it does not end, then where it
 * does.
 */
export const BLOCK_BYTES = 16;

/** Where a scan stands; each four bytes. */
export const SCAN = {
  next: 0, //    bit address of the last of the next LOOK bits: data lie backwards in memory, so it falls
  table: 4, //   address of the table for what comes next
  block: 8, //   address of the block it is in
  passed: 12, // coefficients of that block
  blocks: 16, // that have ended; DAMAGED after a code that does not exist
  stop: 20, //   bit address where `next` ends
} as const;
export const SCAN_BYTES = 24;
export const DAMAGED = 2 ** 30;

/** Scans that are read at a time. */
export const TOGETHER = 3;

type Field = keyof typeof SCAN;
type Scan = Readonly<Record<Field, Local>>;
const FIELDS = ['next', 'table', 'block', 'passed', 'blocks', 'stop'] as const satisfies readonly Field[];

const { const: of } = i32;

/** The `count` bits whose last one is at the bit address `at`. */
const bitsAt = (at: Code, count: number): Code =>
  i32.and(i32.shiftRight(i32.load(i32.shiftRight(at, of(3))), i32.and(at, of(7))), of(2 ** count - 1));

interface Writing {
  local(): Local;
}

const newScan = ({ local }: Writing): Scan => ({
  next: local(),
  table: local(),
  block: local(),
  passed: local(),
  blocks: local(),
  stop: local(),
});
const loaded = (scan: Scan, from: Local, at: number): Code =>
  code(...FIELDS.map((field) => set(scan[field], i32.load(get(from), at + SCAN[field]))));
const stored = (scan: Scan, from: Local, at: number): Code =>
  code(...FIELDS.map((field) => i32.store(get(from), get(scan[field]), at + SCAN[field])));

/** One look: all codes that it holds, or one. */
function look({ next, table, block, passed, blocks, stop }: Scan, { local }: Writing): Code {
  const [entry, step, then] = [local(), local(), local()];
  const entryOf = (bits: Code, offset = 0): Code =>
    i32.loadShort(i32.add(get(table), i32.shiftLeft(bits, of(1))), offset);
  const stepped = set(step, i32.add(get(passed), i32.and(i32.shiftRight(get(entry), of(ENTRY.step)), of(127))));
  const single = code(
    set(entry, entryOf(bitsAt(i32.sub(get(next), of(16 - LOOK)), 16), SINGLE)),
    stepped,
    when(i32.isEqual(get(step), of(64)), set(entry, i32.or(get(entry), of(1 << ENTRY.ends)))),
    when(i32.isAbove(get(step), of(64)), code(set(blocks, of(DAMAGED)), set(next, get(stop)), set(entry, of(0)))),
  );
  return code(
    set(entry, entryOf(bitsAt(get(next), LOOK))),
    stepped,
    when(i32.isAbove(get(step), of(63)), single),
    set(next, i32.sub(get(next), i32.and(get(entry), of(31)))),
    set(entry, i32.shiftRight(get(entry), of(ENTRY.ends))),
    set(then, i32.add(get(block), i32.shiftLeft(get(entry), of(3)))),
    set(table, i32.load(get(then))),
    set(block, i32.load(get(then), 4)),
    set(blocks, i32.add(get(blocks), get(entry))),
    set(passed, i32.and(get(step), i32.sub(get(entry), of(1)))),
  );
}

/** Reads TOGETHER scans, which lie one behind the other, until one of them stops. None may have stopped. */
const together = written('together', (writing) => {
  const from = writing.parameter();
  const scans = Array.from({ length: TOGETHER }, () => newScan(writing));
  const goes = scans.map(({ next, stop }) => i32.isAbove(get(next), get(stop))).reduce((a, b) => i32.and(a, b));
  return code(
    ...scans.map((scan, i) => loaded(scan, from, i * SCAN_BYTES)),
    repeatWhile(goes, code(...scans.map((scan) => look(scan, writing)))),
    ...scans.map((scan, i) => stored(scan, from, i * SCAN_BYTES)),
  );
});

/** Reads one scan until it stops, or has as many blocks as it is to have. */
const ended = written('ended', (writing) => {
  const [from, total] = [writing.parameter(), writing.parameter()];
  const scan = newScan(writing);
  const goes = i32.and(i32.isAbove(get(scan.next), get(scan.stop)), i32.isBelow(get(scan.blocks), get(total)));
  return code(loaded(scan, from, 0), when(goes, repeatWhile(goes, look(scan, writing))), stored(scan, from, 0));
});

const BACKWARDS = Array.from({ length: 16 }, (_, i) => 15 - i);
const ALL_ONES = Array.from({ length: 16 }, () => 0xff);

/**
 * Copies bytes from `from` on up to the next marker, which must come, backwards to below `to`, without stuffed zeros. At
 * `told` it says where the marker is, and where the last byte was written. Sixteen bytes more are read, and written.
 */
const unstuffed = written('unstuffed', ({ parameter, local }) => {
  const [from, to, told] = [parameter(), parameter(), parameter()];
  const bytes = local('v128');
  const [plain, goes] = [local(), local()];
  const stuffing = code(
    set(to, i32.sub(get(to), of(1))),
    i32.storeByte(get(to), of(0xff)),
    set(from, i32.add(get(from), of(2))),
  );
  return code(
    set(goes, of(1)),
    repeatWhile(
      get(goes),
      code(
        set(bytes, v128.load(get(from))),
        v128.store(i32.sub(get(to), of(16)), i8x16.chosen(get(bytes), i8x16.const(BACKWARDS))),
        set(plain, i8x16.signs(i8x16.isEqual(get(bytes), i8x16.const(ALL_ONES)))),
        set(plain, i32.zerosBelow(i32.or(get(plain), of(1 << 16)))),
        set(from, i32.add(get(from), get(plain))),
        set(to, i32.sub(get(to), get(plain))),
        when(i32.isBelow(get(plain), of(16)), when(i32.loadByte(get(from), 1), set(goes, of(0)), stuffing)),
      ),
    ),
    i32.store(get(told), get(from)),
    i32.store(get(told), get(to), 4),
  );
});

const FUNCTIONS: readonly WasmFunction[] = [together, ended, unstuffed];

/** The parameters of each are said where it is written. */
export interface JpegKernel {
  together(from: number): void;
  ended(from: number, total: number): void;
  unstuffed(from: number, to: number, told: number): void;
}

/** For a worker: the main thread may not compile at once. @throws where the browser knows no vectors */
export function jpegKernel(memory: WebAssembly.Memory): JpegKernel {
  const module = new WebAssembly.Module(assembled(FUNCTIONS));
  const { exports } = new WebAssembly.Instance(module, { parts: { memory } });
  const named = ({ name }: WasmFunction) => {
    const found = exports[name];
    if (typeof found !== 'function') throw new TypeError(`there is no kernel ${name}`);
    return (...numbers: number[]): void => void Reflect.apply(found, undefined, numbers);
  };
  return { together: named(together), ended: named(ended), unstuffed: named(unstuffed) };
}
