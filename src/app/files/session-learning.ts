// What was learnt on a slide as parts of a session file: a description, and numbers in files of their own.

import { fieldOf } from '../field-of.ts';
import { learningOf } from '../kept-learning/label-keeper.ts';
import type { AttentionNamed, SlideLearning } from '../learn/slide-learning.ts';
import { notOurs } from './stored-zip.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const ABOUT = 'learning.json';
const ATTENTION = 'attention.f32'; // [patches] raw attention, then [patches × classes] logits of each patch
const COMPARED = 'attention-compared.f32'; // the same of another model, where the two are compared
const MOST_ABOUT = 256 * 2 ** 20; //  bytes: a label takes some fifty

/** None where nothing was learnt. */
export function partsOfLearning({
  labels,
  features,
  attention,
  compared,
  leftOut,
  networks,
}: SlideLearning): { name: string; blob: Blob }[] {
  const isLabelled = labels.labels.length > 0 || Object.values(labels.objects ?? {}).some((of) => of.labels.length > 0);
  if (!isLabelled && features.length + networks.length + leftOut.length === 0 && !attention) return [];
  const named = features.map(({ encoder, records }, k) => ({ part: `features-${k + 1}.rows`, encoder, records }));
  const nets = networks.map(({ header, weights }, k) => ({
    part: `network-${k + 1}.rows`,
    records: [header, weights],
  }));
  const about = {
    labels,
    features: named.map(({ part, encoder }) => ({ part, encoder })),
    networks: nets.map(({ part }) => ({ part })),
    leftOut: leftOut.map((ring) => Array.from(ring)),
    attention: attention && namesOf(attention),
    compared: compared && namesOf(compared),
  };
  return [
    { name: ABOUT, blob: new Blob([JSON.stringify(about)]) },
    ...[...named, ...nets].map(({ part, records }) => ({ name: part, blob: recordsOf(records) })),
    ...(attention ? [{ name: ATTENTION, blob: numbersOf(attention) }] : []),
    ...(compared ? [{ name: COMPARED, blob: numbersOf(compared) }] : []),
  ];
}

const namesOf = ({ model, encoder, classes }: AttentionNamed) => ({ model, encoder, classes });

const numbersOf = ({ attention, patch }: AttentionNamed): Blob =>
  new Blob([Float32Array.from(attention), Float32Array.from(patch)]);

/** Undefined where the session holds nothing learnt. @throws EosinError BadInput where a part is damaged */
export async function learningIn(parts: ReadonlyMap<string, Blob>): Promise<SlideLearning | undefined> {
  const part = parts.get(ABOUT);
  if (!part) return undefined;
  if (part.size > MOST_ABOUT) throw damaged();
  const text = await part.text();
  const about = objectIn(text);
  const labels = learningOf(new TextEncoder().encode(JSON.stringify(fieldOf(about, 'labels'))));
  if (!labels) throw damaged();
  const features = [];
  for (const one of listOf(about, 'features')) {
    const records = await recordsIn(parts.get(textOf(one, 'part')));
    features.push({ encoder: modelOf(fieldOf(one, 'encoder')), records });
  }
  const networks = [];
  for (const one of listOf(about, 'networks')) {
    const [header, weights] = await recordsIn(parts.get(textOf(one, 'part')));
    if (!header || !weights) throw damaged();
    networks.push({ header, weights });
  }
  const leftOut = listOf(about, 'leftOut').map((ring) => {
    if (!Array.isArray(ring) || ring.length < 6 || ring.length % 2 !== 0) throw damaged();
    const numbers = Float64Array.from(ring, Number);
    if (!numbers.every(Number.isFinite)) throw damaged();
    return numbers;
  });
  return {
    labels,
    features,
    networks,
    leftOut,
    attention: await attentionIn(fieldOf(about, 'attention'), parts.get(ATTENTION)),
    compared: await attentionIn(fieldOf(about, 'compared'), parts.get(COMPARED)),
  };
}

async function attentionIn(about: unknown, part: Blob | undefined): Promise<AttentionNamed | undefined> {
  if (about === undefined) return undefined;
  const classes = fieldOf(about, 'classes');
  const isCount = typeof classes === 'number' && Number.isInteger(classes) && classes > 0;
  if (!part || !isCount || part.size % (4 * (1 + classes)) !== 0) throw damaged();
  const all = new Float32Array(await part.arrayBuffer());
  const rows = all.length / (1 + classes);
  return {
    model: modelOf(fieldOf(about, 'model')),
    encoder: modelOf(fieldOf(about, 'encoder')),
    classes,
    attention: all.slice(0, rows),
    patch: all.slice(rows),
  };
}

/** Each with its length in front, 32 bits, little-endian. */
const recordsOf = (records: readonly Bytes[]): Blob =>
  new Blob(
    records.flatMap((record) => [
      Uint8Array.of(...[0, 8, 16, 24].map((bits) => (record.length >>> bits) & 255)),
      record,
    ]),
  );

async function recordsIn(part: Blob | undefined): Promise<Bytes[]> {
  if (!part) throw damaged();
  const bytes = await part.arrayBuffer();
  const view = new DataView(bytes);
  const records: Bytes[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    if (at + 4 > bytes.byteLength) throw damaged();
    const length = view.getUint32(at, true);
    at += 4;
    if (at + length > bytes.byteLength) throw damaged();
    records.push(new Uint8Array(bytes.slice(at, at + length)));
    at += length;
  }
  return records;
}

function objectIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged();
  }
}

function listOf(value: unknown, key: string): readonly unknown[] {
  const list = fieldOf(value, key);
  if (!Array.isArray(list)) throw damaged();
  return list;
}

function textOf(value: unknown, key: string): string {
  const text = fieldOf(value, key);
  if (typeof text !== 'string') throw damaged();
  return text;
}

const modelOf = (value: unknown): { id: string; sha256: string } => ({
  id: textOf(value, 'id'),
  sha256: textOf(value, 'sha256'),
});

const damaged = () => notOurs('what was learnt in it is damaged');
