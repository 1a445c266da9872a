// Whether a JPEG's data is whole. Decoders paint over damage in silence; here every code is read, and nothing is computed.
import { BEYOND, type BlockCodes, bitsOf, type Codes, codesOf, type Kind } from './jpeg-codes.ts';

type Bytes = Uint8Array<ArrayBuffer>;

interface Component extends BlockCodes {
  readonly blocks: number; // of it in a unit
}

/** Tables by their number, of first coefficients and of the others. */
type Tables = Readonly<Record<Kind, Map<number, Codes>>>;

const SLACK = 16; //        bytes that may be left over at the end: some encoders leave a few
const SLACK_BETWEEN = 2; // and before a restart

/**
 * @returns what is wrong, as the end of a sentence; undefined when all is well, or the kind of JPEG is not looked into
 * (progressive, arithmetic, several scans)
 */
export function whyUnsound(jpeg: Bytes): string | undefined {
  const scan = scanOf(jpeg);
  return typeof scan === 'object' ? scanned(jpeg, scan) : scan;
}

/** What the data of a JPEG is to hold. */
export interface Scan {
  readonly from: number; //                   where its data begins
  readonly blocks: readonly BlockCodes[]; //  of one unit, with the codes of each
  readonly units: number;
  readonly interval: number; //               units from one restart to the next, 0 without
}

/** Of the JPEG that was read last: all tiles of a slide mostly have the same header. */
let lastHeader: { readonly bytes: Uint8Array; readonly scan: Scan } | undefined;

/** @returns what is wrong, as the end of a sentence; undefined where it is not looked into */
export function scanOf(jpeg: Bytes): Scan | string | undefined {
  if (lastHeader && isEqual(jpeg.subarray(0, lastHeader.bytes.length), lastHeader.bytes)) return lastHeader.scan;
  const scan = readHeader(jpeg);
  if (typeof scan === 'object') lastHeader = { bytes: jpeg.slice(0, scan.from), scan };
  return scan;
}

function readHeader(jpeg: Bytes): Scan | string | undefined {
  const tables: Tables = { first: new Map(), rest: new Map() };
  let frame: { width: number; height: number; factors: Map<number, number> } | undefined;
  let interval = 0;
  for (let at = 2; at + 4 <= jpeg.length; ) {
    const marker = jpeg[at + 1] ?? 0;
    if (jpeg[at] !== 0xff) return 'its JPEG header is damaged';
    if (marker === 0xff) {
      at++;
      continue;
    }
    const end = at + 2 + (((jpeg[at + 2] ?? 0) << 8) | (jpeg[at + 3] ?? 0));
    const body = jpeg.subarray(at + 4, end);
    if (marker === 0xc4 && !readTables(body, tables)) return 'its JPEG tables are damaged';
    if (marker === 0xc0 || marker === 0xc1) {
      frame = frameIn(body);
      if (![...frame.factors.values()].every(isFactor)) return 'its JPEG header is damaged';
    } else if (marker >= 0xc2 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return undefined;
    if (marker === 0xdd) interval = ((body[0] ?? 0) << 8) | (body[1] ?? 0);
    if (marker === 0xda) {
      if (!frame) return 'its JPEG header is damaged';
      if (end > jpeg.length) return 'its JPEG data ends too early'; // what is cut off would be read as zeros
      const components = componentsOf(body, frame.factors, tables);
      if (components === 'other') return undefined;
      if (!components) return 'its JPEG tables are damaged';
      const blocks = components.flatMap(({ blocks: count, first, rest }) =>
        Array.from({ length: count }, () => ({ first, rest })),
      );
      return { from: end, blocks, units: unitsOf(frame), interval };
    }
    at = end;
  }
  return 'it holds no JPEG picture';
}

function frameIn(body: Uint8Array) {
  const factors = new Map<number, number>();
  for (let c = 0; c < (body[5] ?? 0); c++) factors.set(body[6 + 3 * c] ?? 0, body[7 + 3 * c] ?? 0);
  const u16 = (at: number): number => ((body[at] ?? 0) << 8) | (body[at + 1] ?? 0);
  return { height: u16(1), width: u16(3), factors };
}

/** Across and down, from 1 to 4 each. */
const isFactor = (factor: number): boolean => [factor >> 4, factor & 15].every((times) => times >= 1 && times <= 4);

function unitsOf({ width, height, factors }: { width: number; height: number; factors: Map<number, number> }): number {
  const all = [...factors.values()];
  const [across, down] =
    all.length === 1 ? [1, 1] : [Math.max(...all.map((f) => f >> 4)), Math.max(...all.map((f) => f & 15))];
  return Math.ceil(width / (8 * across)) * Math.ceil(height / (8 * down));
}

/** 'other' where the picture comes in several scans. */
function componentsOf(
  body: Uint8Array,
  factors: ReadonlyMap<number, number>,
  tables: Tables,
): Component[] | 'other' | undefined {
  const count = body[0] ?? 0;
  if (count !== factors.size) return 'other';
  const components: Component[] = [];
  for (let c = 0; c < count; c++) {
    const factor = factors.get(body[1 + 2 * c] ?? 0);
    const which = body[2 + 2 * c] ?? 0;
    const [first, rest] = [tables.first.get(which >> 4), tables.rest.get(which & 15)];
    if (factor === undefined || !first || !rest) return undefined;
    components.push({ blocks: count === 1 ? 1 : (factor >> 4) * (factor & 15), first, rest });
  }
  return components;
}

function readTables(body: Uint8Array, tables: Tables): boolean {
  for (let at = 0; at + 17 <= body.length; ) {
    const kind = body[at] ?? 0;
    const total = body.subarray(at + 1, at + 17).reduce((sum, n) => sum + n, 0);
    const stored = body.subarray(at, at + 17 + total);
    const codes = stored.length === 17 + total ? rememberedCodes(stored) : undefined;
    if (!codes) return false;
    tables[codes.kind].set(kind & 15, codes);
    at += 17 + total;
  }
  return true;
}

/** All tiles of a slide mostly have the same few. Those used last, the latest first. */
const REMEMBERED: { stored: Uint8Array; codes: Codes }[] = [];
const MOST_REMEMBERED = 16;

/** @param stored kind and number, counts, symbols */
function rememberedCodes(stored: Uint8Array): Codes | undefined {
  const at = REMEMBERED.findIndex((known) => isEqual(known.stored, stored));
  const [known] = at < 0 ? [] : REMEMBERED.splice(at, 1);
  const codes =
    known?.codes ??
    codesOf(stored.subarray(1, 17), stored.subarray(17), (stored[0] ?? 0) >> 4 === 0 ? 'first' : 'rest');
  if (codes) REMEMBERED.unshift(known ?? { stored: stored.slice(), codes });
  REMEMBERED.length = Math.min(REMEMBERED.length, MOST_REMEMBERED);
  return codes;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The data between two markers, without the zeros that are stuffed into it. Kept from scan to scan. */
let plain = new Uint8Array(65_536 + BEYOND);

/** Fills `plain` from `from` up to the next marker. */
function unstuffed(jpeg: Bytes, from: number): { length: number; end: number } {
  if (plain.length < jpeg.length + BEYOND) plain = new Uint8Array(jpeg.length + BEYOND);
  let length = 0;
  let end = jpeg.length;
  for (let at = from; at < jpeg.length; ) {
    const found = jpeg.indexOf(0xff, at);
    const stuffed = found >= 0 && jpeg[found + 1] === 0;
    const upTo = found < 0 ? jpeg.length : stuffed ? found + 1 : found;
    plain.set(jpeg.subarray(at, upTo), length);
    length += upTo - at;
    end = upTo;
    if (!stuffed) break;
    at = found + 2;
  }
  plain.fill(0, length, length + BEYOND);
  return { length, end };
}

/** How often a scan starts: as many as a header says, not as there are. */
export const partsOf = ({ units, interval }: Scan): number =>
  interval > 0 ? Math.ceil(units / interval) : Math.min(units, 1);

/** Units from one restart to the next. */
export const unitsOfPart = ({ units, interval }: Scan, part: number): number =>
  interval > 0 ? Math.min(interval, units - part * interval) : units;

/**
 * Whether what follows the data between two restarts is what should.
 * @param end of the data
 * @param part which one of `parts` it is
 * @param left bytes of it that no block took
 */
export function endsWell(jpeg: Bytes, end: number, part: number, parts: number, left: number): boolean {
  if (part < parts - 1) return jpeg[end + 1] === 0xd0 + (part % 8) && left <= SLACK_BETWEEN;
  const last = jpeg.indexOf(0xd9, end);
  return last >= 0 && last - end + left <= SLACK;
}

function scanned(jpeg: Bytes, scan: Scan): string | undefined {
  const parts = partsOf(scan);
  let at = scan.from;
  for (let part = 0; part < parts; part++) {
    const { length, end } = unstuffed(jpeg, at);
    const bits = bitsOf(new DataView(plain.buffer), scan.blocks, unitsOfPart(scan, part), length * 8);
    if (bits === undefined) return 'its JPEG data is damaged';
    if (bits > length * 8) return 'its JPEG data ends too early';
    if (!endsWell(jpeg, end, part, parts, length - Math.ceil(bits / 8))) return 'its JPEG data is damaged';
    at = end + 2;
  }
  return parts > 0 ? undefined : 'it holds no JPEG picture';
}
