// Records are deflated on their way to the disk, in the storage worker, where nobody waits for it.
//
//   mark        uint8, the record's first byte: listings read it as it is
//   packing     uint8, 0 as they are, 1 deflate (RFC 1951)
//   length      uint32 little-endian, of the bytes behind the mark, unpacked
//   bytes
import { EosinError } from '#errors/failure.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const HEAD = 6;
const AS_IS = 0;
const DEFLATE = 1;
const WORTH_IT = 128; // bytes: shorter ones stay as they are
const MAX_LENGTH = 1024 * 1024 * 1024;

/** An empty record stays empty. */
export async function packed(record: Bytes): Promise<Bytes> {
  const [mark] = record;
  if (mark === undefined) return record;
  const rest = record.subarray(1);
  const deflated = rest.length < WORTH_IT ? undefined : await through(rest, new CompressionStream('deflate-raw'));
  const isSmaller = deflated !== undefined && deflated.length < rest.length;
  const body = isSmaller ? deflated : rest;
  const out = new Uint8Array(HEAD + body.length);
  out[0] = mark;
  out[1] = isSmaller ? DEFLATE : AS_IS;
  new DataView(out.buffer).setUint32(2, rest.length, true);
  out.set(body, HEAD);
  return out;
}

/** @throws EosinError BadInput where it was not packed so */
export async function unpacked(bytes: Bytes): Promise<Bytes> {
  const [mark, packing] = bytes;
  if (mark === undefined) return bytes;
  if (bytes.length < HEAD) throw damaged('it is cut short');
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(2, true);
  if (length > MAX_LENGTH) throw damaged(`it says that it is ${length} bytes long`);
  if (packing !== AS_IS && packing !== DEFLATE) throw damaged(`it is packed in a way numbered ${packing}`);
  const body = bytes.subarray(HEAD);
  const rest = packing === DEFLATE ? await inflated(body) : body;
  if (rest.length !== length) throw damaged(`${rest.length} of its ${length} bytes are there`);
  const out = new Uint8Array(1 + length);
  out[0] = mark;
  out.set(rest, 1);
  return out;
}

async function inflated(bytes: Bytes): Promise<Bytes> {
  try {
    return await through(bytes, new DecompressionStream('deflate-raw'));
  } catch (thrown) {
    throw damaged('it does not inflate', thrown);
  }
}

const through = async (
  bytes: Bytes,
  stream: ReadableWritablePair<Uint8Array<ArrayBuffer>, BufferSource>,
): Promise<Bytes> => new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());

const damaged = (seen: string, cause?: unknown): EosinError => {
  const todo = 'Remove the run from the list, and start it again.';
  return new EosinError({ tag: 'BadInput', what: 'A record that was kept', seen, todo }, { cause });
};
