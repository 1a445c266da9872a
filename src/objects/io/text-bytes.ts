// A file's text as UTF-8, whatever Unicode it was written in: PowerShell and older Windows programs write UTF-16.

/** The next bytes of a file, lent until it is called again; undefined at its end. */
export type Pull = () => Promise<Uint8Array | undefined>;

/** UTF-16, with a mark or told by the zeros beside its first letter, becomes UTF-8; all else passes as it is. */
export function inUtf8(pull: Pull): Pull {
  let decoder: TextDecoder | undefined;
  let isBegun = false;
  const encoder = new TextEncoder();
  return async () => {
    const piece = isBegun ? await pull() : await beginning(pull);
    if (!isBegun && piece) {
      const encoding = encodingOf(piece);
      decoder = encoding && new TextDecoder(encoding);
    }
    isBegun = true;
    if (!decoder) return piece;
    const text = decoder.decode(piece, { stream: piece !== undefined });
    if (!piece) decoder = undefined;
    return piece || text ? encoder.encode(text) : undefined;
  };
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

function encodingOf([a = 1, b = 1, c = 1, d = 1]: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (a === 0xff && b === 0xfe && !(c === 0 && d === 0)) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a !== 0 && b === 0 && c !== 0 && d === 0) return 'utf-16le';
  if (a === 0 && b !== 0 && c === 0 && d !== 0) return 'utf-16be';
  return undefined;
}
