// A file's text as UTF-8, whatever Unicode it was written in: PowerShell and older Windows programs write UTF-16, some
// statistics packages UTF-32.

/** The next bytes of a file, lent until it is called again; undefined at its end. */
export type Pull = () => Promise<Uint8Array | undefined>;

type Encoding = 'utf-16le' | 'utf-16be' | 'utf-32le' | 'utf-32be';

/** A text that comes in pieces. Undefined: its end. */
interface Decoder {
  decode(piece: Uint8Array | undefined): string;
}

/** UTF-16 and UTF-32, with a mark or told by the zeros beside their first letter, become UTF-8; all else passes as it is. */
export function inUtf8(pull: Pull): Pull {
  let decoder: Decoder | undefined;
  let isBegun = false;
  const encoder = new TextEncoder();
  return async () => {
    const piece = isBegun ? await pull() : await beginning(pull);
    if (!isBegun && piece) {
      const encoding = encodingOf(piece);
      decoder = encoding && decoderOf(encoding);
    }
    isBegun = true;
    if (!decoder) return piece;
    const text = decoder.decode(piece);
    if (!piece) decoder = undefined;
    return piece || text ? encoder.encode(text) : undefined;
  };
}

function decoderOf(encoding: Encoding): Decoder {
  if (encoding === 'utf-32le' || encoding === 'utf-32be') return new Utf32(encoding === 'utf-32le');
  const decoder = new TextDecoder(encoding);
  return { decode: (piece) => decoder.decode(piece, { stream: piece !== undefined }) };
}

/** No browser decodes it. What is no character becomes U+FFFD, as in all other encodings. */
class Utf32 implements Decoder {
  readonly #isLittle: boolean;
  #left = new Uint8Array(0); // of a character whose other bytes are to come
  #isFirst = true;

  constructor(isLittle: boolean) {
    this.#isLittle = isLittle;
  }

  decode(piece: Uint8Array | undefined): string {
    if (!piece) return this.#left.length > 0 ? '\ufffd' : '';
    const bytes = new Uint8Array(this.#left.length + piece.length);
    bytes.set(this.#left);
    bytes.set(piece, this.#left.length);
    const view = new DataView(bytes.buffer);
    const whole = bytes.length - (bytes.length % 4);
    const parts: string[] = [];
    for (let at = 0; at < whole; at += 4) {
      const code = view.getUint32(at, this.#isLittle);
      if (this.#isFirst && code === 0xfeff) this.#isFirst = false;
      else parts.push(code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? '\ufffd' : String.fromCodePoint(code));
    }
    if (whole > 0) this.#isFirst = false;
    this.#left = bytes.slice(whole);
    return parts.join('');
  }
}

const ENOUGH = 4; // bytes to tell by

async function beginning(pull: Pull): Promise<Uint8Array | undefined> {
  let all = (await pull())?.slice();
  while (all && all.length < ENOUGH) {
    const more = await pull();
    if (!more) break;
    const joined = new Uint8Array(all.length + more.length);
    joined.set(all);
    joined.set(more, all.length);
    all = joined;
  }
  return all;
}

/** Zeros that follow nothing are none: a file of one byte is not told by what it lacks. */
function encodingOf([a = 1, b = 1, c = 1, d = 1]: Uint8Array): Encoding | undefined {
  const zeros = [a, b, c, d].map((byte) => (byte === 0 ? '0' : 'x')).join('');
  if (a === 0xff && b === 0xfe) return zeros === 'xx00' ? 'utf-32le' : 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (zeros === 'x000') return 'utf-32le';
  if (zeros === '000x' || (zeros === '00xx' && c === 0xfe && d === 0xff)) return 'utf-32be';
  if (zeros === 'x0x0') return 'utf-16le';
  if (zeros === '0x0x') return 'utf-16be';
  return undefined;
}
