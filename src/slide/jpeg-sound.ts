// Whether a JPEG's data is whole. Decoders paint over damage in silence; here every code is read, and nothing is computed.

type Bytes = Uint8Array<ArrayBuffer>;

/** Huffman codes up to 9 bits by one look, longer ones by length. */
interface Codes {
  readonly quick: Uint16Array; //  [512] length << 8 | symbol; 0 where the code is longer
  readonly most: Int32Array; //    [18] the largest code of each length, −1 where there is none
  readonly offset: Int32Array; //  [17] of a length's codes among the symbols
  readonly symbols: Uint8Array;
}

interface Component {
  readonly blocks: number; // of it in a unit
  readonly dc: Codes;
  readonly ac: Codes;
}

const SLACK = 16; // bytes that may be left over: some encoders leave a few

/**
 * @returns what is wrong, as the end of a sentence; undefined when all is well, or the kind of JPEG is not looked into
 * (progressive, arithmetic, several scans)
 */
export function whyUnsound(jpeg: Bytes): string | undefined {
  const dc = new Map<number, Codes>();
  const ac = new Map<number, Codes>();
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
    if (marker === 0xc4 && !readTables(body, dc, ac)) return 'its JPEG tables are damaged';
    if (marker === 0xc0 || marker === 0xc1) frame = frameIn(body);
    else if (marker >= 0xc2 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return undefined;
    if (marker === 0xdd) interval = ((body[0] ?? 0) << 8) | (body[1] ?? 0);
    if (marker === 0xda) {
      if (!frame) return 'its JPEG header is damaged';
      const components = componentsOf(body, frame.factors, dc, ac);
      if (components === 'other') return undefined;
      if (!components) return 'its JPEG tables are damaged';
      return scanned(jpeg, end, components, unitsOf(frame), interval);
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
  dc: ReadonlyMap<number, Codes>,
  ac: ReadonlyMap<number, Codes>,
): Component[] | 'other' | undefined {
  const count = body[0] ?? 0;
  if (count !== factors.size) return 'other';
  const components: Component[] = [];
  for (let c = 0; c < count; c++) {
    const factor = factors.get(body[1 + 2 * c] ?? 0);
    const tables = body[2 + 2 * c] ?? 0;
    const [own, rest] = [dc.get(tables >> 4), ac.get(tables & 15)];
    if (factor === undefined || !own || !rest) return undefined;
    components.push({ blocks: count === 1 ? 1 : (factor >> 4) * (factor & 15), dc: own, ac: rest });
  }
  return components;
}

function readTables(body: Uint8Array, dc: Map<number, Codes>, ac: Map<number, Codes>): boolean {
  for (let at = 0; at + 17 <= body.length; ) {
    const kind = body[at] ?? 0;
    const counts = body.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, n) => sum + n, 0);
    const symbols = body.subarray(at + 17, at + 17 + total);
    const codes = symbols.length === total ? codesOf(counts, symbols) : undefined;
    if (!codes) return false;
    (kind >> 4 === 0 ? dc : ac).set(kind & 15, codes);
    at += 17 + total;
  }
  return true;
}

function codesOf(counts: Uint8Array, symbols: Uint8Array): Codes | undefined {
  const quick = new Uint16Array(512);
  const most = new Int32Array(18).fill(-1);
  const offset = new Int32Array(17);
  let code = 0;
  let first = 0;
  for (let length = 1; length <= 16; length++) {
    const count = counts[length - 1] ?? 0;
    offset[length] = first - code;
    for (let i = 0; i < count; i++, code++) {
      if (code >= 1 << length) return undefined;
      if (length > 9) continue;
      quick.fill((length << 8) | (symbols[first + i] ?? 0), code << (9 - length), (code + 1) << (9 - length));
    }
    if (count > 0) most[length] = code - 1;
    first += count;
    code <<= 1;
  }
  return { quick, most, offset, symbols };
}

/** Reads all codes of the scan. The one loop here that counts: written flat and without calls, for speed. */
function scanned(jpeg: Bytes, from: number, components: readonly Component[], units: number, interval: number) {
  const length = jpeg.length;
  let at = from;
  let held = 0; //    the last bits read, of which `bits` are not used yet
  let bits = 0;
  let missing = 0; // zero bytes that were put in because a marker came
  const blocks = components.flatMap(({ blocks: count, ...tables }) => Array.from({ length: count }, () => tables));

  for (let unit = 0; unit < units; unit++) {
    if (interval > 0 && unit > 0 && unit % interval === 0) {
      const marker = 0xd0 + ((unit / interval - 1) % 8);
      if (jpeg[at] !== 0xff || jpeg[at + 1] !== marker || missing * 8 > bits) return 'its JPEG data is damaged';
      at += 2;
      held = bits = missing = 0;
    }
    for (let b = 0; b < blocks.length; b++) {
      let codes = blocks[b]?.dc;
      const rest = blocks[b]?.ac;
      for (let k = 0; k < 64; ) {
        while (bits <= 16) {
          let byte = at < length ? (jpeg[at] ?? 0) : 0xff;
          if (byte !== 0xff) at++;
          else if (at < length && jpeg[at + 1] === 0) at += 2;
          else {
            byte = 0;
            missing++;
          }
          held = ((held << 8) | byte) & 0xffffff;
          bits += 8;
        }
        if (!codes || !rest) return 'its JPEG tables are damaged';
        const short = codes.quick[(held >>> (bits - 9)) & 511] ?? 0;
        let symbol = short & 255;
        if (short !== 0) bits -= short >> 8;
        else {
          symbol = -1;
          for (let size = 10; size <= 16; size++) {
            const code = (held >>> (bits - size)) & ((1 << size) - 1);
            if (code > (codes.most[size] ?? -1)) continue;
            bits -= size;
            symbol = codes.symbols[code + (codes.offset[size] ?? 0)] ?? -1;
            break;
          }
          if (symbol < 0) return 'its JPEG data is damaged';
        }
        const size = symbol & 15;
        if (k === 0) {
          if (symbol > 11) return 'its JPEG data is damaged';
          codes = rest;
          k = 1;
        } else if (size === 0) {
          if (symbol === 0) break;
          if (symbol !== 0xf0) return 'its JPEG data is damaged';
          k += 16;
        } else {
          k += (symbol >> 4) + 1;
          if (k > 64 || size > 10) return 'its JPEG data is damaged';
        }
        // The value's own bits follow the code: at most 11, and up to 8 are there already.
        if (bits >= size) bits -= size;
        else {
          while (bits < size) {
            let byte = at < length ? (jpeg[at] ?? 0) : 0xff;
            if (byte !== 0xff) at++;
            else if (at < length && jpeg[at + 1] === 0) at += 2;
            else {
              byte = 0;
              missing++;
            }
            held = ((held << 8) | byte) & 0xffffff;
            bits += 8;
          }
          bits -= size;
        }
      }
    }
    if (missing * 8 > bits) return 'its JPEG data ends too early';
  }
  const end = jpeg.indexOf(0xd9, at);
  return end >= 0 && end - at <= SLACK ? undefined : 'its JPEG data is damaged';
}
