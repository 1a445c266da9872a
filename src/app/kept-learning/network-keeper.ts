// Attention networks that were learnt here, on the disk: each a log of its own, which says what it is in its header and
// holds its weights in one record, exact to the bit. The oldest make room.
import { ByteReader, ByteWriter } from '#analysis/journal-bytes.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { ModelClass } from '#inference/manifest.ts';
import { type AttentionLayers, type AttentionModel, NAMES } from '#learn/attention-network.ts';
import type { Layer } from '#learn/dense.ts';
import { readNote } from '../kept-log.ts';
import type { AttentionSummary } from '../stores/learn-store.ts';
import type { LearningShelf } from './learning-shelf.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** A network, and what was seen when it learnt. */
export interface KeptNetwork {
  readonly encoder: { readonly id: string; readonly sha256: string };
  readonly classes: readonly ModelClass[];
  readonly model: AttentionModel;
  readonly summary: AttentionSummary;
}

const SCHEMA = 1;
export const MOST_NETWORKS = 12;

export class NetworkKeeper {
  readonly #shelf: (waits: Waits) => Promise<LearningShelf | undefined>;

  constructor(shelf: (waits: Waits) => Promise<LearningShelf | undefined>) {
    this.#shelf = shelf;
  }

  /** @returns its name on the disk; undefined where there is none. @throws EosinError StorageFull */
  async keep(network: KeptNetwork, madeAt: number, waits: Waits): Promise<string | undefined> {
    const shelf = await this.#shelf(waits);
    if (!shelf) return undefined;
    const old = await shelf.networks(waits);
    for (const { name } of old.slice(0, Math.max(0, old.length - MOST_NETWORKS + 1)))
      await shelf.removeNetwork(name, waits);
    const name = `network-${madeAt}`;
    await shelf.addNetwork(name, headerOf(network), weightsOf(network.model), waits);
    return name;
  }

  /** The oldest first; what cannot be read, or is in another tab's hands, is left out. */
  async restore(waits: Waits): Promise<{ readonly name: string; readonly network: KeptNetwork }[]> {
    const shelf = await this.#shelf(waits);
    const found: { name: string; network: KeptNetwork }[] = [];
    for (const { name } of (await shelf?.networks(waits)) ?? []) {
      try {
        const read = await shelf?.network(name, waits);
        const network = read && networkOf(read.header, read.weights);
        if (network) found.push({ name, network });
      } catch {
        waits.signal.throwIfAborted();
      }
    }
    return found;
  }

  async remove(name: string, waits: Waits): Promise<void> {
    await (await this.#shelf(waits))?.removeNetwork(name, waits);
  }
}

/** What a network is, without its weights. */
export function headerOf({ encoder, classes, model, summary }: KeptNetwork): Bytes {
  const { inputs } = model;
  const layers = Object.fromEntries(NAMES.map((name) => [name, sizeOf(model.layers[name])]));
  const adapter = model.layers.adapter && {
    down: sizeOf(model.layers.adapter.down),
    up: sizeOf(model.layers.adapter.up),
  };
  const header = { schema: SCHEMA, kind: 'network', encoder, classes, inputs, layers, adapter, summary };
  return new TextEncoder().encode(JSON.stringify(header));
}

const sizeOf = (layer: Layer | undefined) =>
  layer && { inputs: layer.inputs, outputs: layer.outputs, hasBias: layer.bias !== undefined };

/** Exact to the bit. */
export function weightsOf({ scaling, layers }: AttentionModel): Bytes {
  const out = new ByteWriter();
  out.real(scaling.mean);
  out.real(scaling.deviation);
  for (const layer of [...NAMES.map((name) => layers[name]), layers.adapter?.down, layers.adapter?.up]) {
    if (!layer) continue;
    out.real(layer.weight);
    if (layer.bias) out.real(layer.bias);
  }
  return out.done();
}

/** Undefined for a header of another Eosin. @throws EosinError BadInput for weights that do not fit it */
export function networkOf(header: Bytes, weights: Bytes): KeptNetwork | undefined {
  const said = readNote(header);
  if (!isHeader(said)) return undefined;
  const from = new ByteReader(weights);
  const scaling = { mean: from.float32(), deviation: from.float32() };
  const read = (size: Size | undefined): Layer | undefined => {
    if (!size) return undefined;
    const { inputs, outputs, hasBias } = size;
    const [weight, bias] = [from.float32(), hasBias ? from.float32() : undefined];
    if (weight.length !== inputs * outputs || (bias && bias.length !== outputs)) throw unreadable();
    return { inputs, outputs, weight, bias };
  };
  const layers = NAMES.map((name) => read(said.layers[name]));
  const [down, up] = [read(said.adapter?.down), read(said.adapter?.up)];
  const [tail0, tail2, attention0, gate, attention2, classifier] = layers;
  if (!tail0 || !tail2 || !attention0 || !attention2 || !classifier) throw unreadable();
  const all: AttentionLayers = {
    'tail.0': tail0,
    'tail.2': tail2,
    'attention.0': attention0,
    'attention.gate': gate,
    'attention.2': attention2,
    classifier,
    adapter: down && up && { down, up },
  };
  const { encoder, classes, inputs, summary } = said;
  if (scaling.mean.length !== inputs || scaling.deviation.length !== inputs) throw unreadable();
  return { encoder, classes, model: { inputs, classes: classes.length, scaling, layers: all }, summary };
}

interface Size {
  readonly inputs: number;
  readonly outputs: number;
  readonly hasBias: boolean;
}

interface Header extends Pick<KeptNetwork, 'encoder' | 'classes' | 'summary'> {
  readonly inputs: number;
  readonly layers: Readonly<Record<string, Size | undefined>>;
  readonly adapter: { readonly down: Size; readonly up: Size } | undefined;
}

/** Headers are checksummed and of this schema: the names of its parts are enough to tell it by. */
const isHeader = (value: unknown): value is Header =>
  typeof value === 'object' &&
  value !== null &&
  'schema' in value &&
  value.schema === SCHEMA &&
  ['encoder', 'classes', 'summary', 'layers', 'inputs'].every((key) => key in value);

const unreadable = (): EosinError =>
  new EosinError({
    tag: 'BadInput',
    what: 'A network that was kept',
    seen: 'its weights do not fit its layers',
    todo: 'Train it again.',
  });
