// Features of the open slide, by encoder and version of it: nothing is embedded twice. Dropped with the slide.
import type { Attended } from '#analysis/attention.ts';
import { FeatureSet } from '#analysis/feature-set.ts';
import { EosinError } from '#errors/failure.ts';
import type { PatchManifest, RowsManifest } from '#inference/manifest.ts';

/** Some rows of kept features, under the name that the console knows. */
export interface NamedSet {
  readonly name: string;
  readonly of: 'patches' | 'pictures' | 'objects';
  readonly features: FeatureSet;
  readonly rows: Uint32Array<ArrayBuffer>; // in the features
  /** Of rows whose label was given elsewhere: an object that came out a little otherwise than before. */
  readonly places?: ReadonlyMap<number, string>;
  /** The row of a place, where that is no matter of strings: of objects. */
  readonly rowOf?: (place: string) => number | undefined;
}

export class KeptFeatures {
  readonly #sets = new Map<string, FeatureSet>();
  readonly #attended = new Map<FeatureSet, Map<string, Attended>>();
  readonly #named = new Map<string, NamedSet>();
  readonly #spent = new Map<FeatureSet, { readonly seconds: number; readonly patches: number }>();

  /** The slide's features by this encoder; empty at first. Another stride makes another set. */
  setOf(encoder: PatchManifest, stridePx: number | undefined): FeatureSet {
    const key = `${encoder.id} ${encoder.sha256} ${stridePx ?? ''}`;
    const known = this.#sets.get(key);
    if (known) return known;
    const set = new FeatureSet(encoder);
    this.#sets.set(key, set);
    return set;
  }

  attended(set: FeatureSet, model: Pick<RowsManifest, 'sha256'>): Attended | undefined {
    return this.#attended.get(set)?.get(model.sha256);
  }

  keepAttended(set: FeatureSet, model: Pick<RowsManifest, 'sha256'>, attended: Attended): void {
    const of = this.#attended.get(set) ?? new Map<string, Attended>();
    this.#attended.set(set, of.set(model.sha256, attended));
  }

  name(
    of: NamedSet['of'],
    features: FeatureSet,
    rows: Uint32Array<ArrayBuffer>,
    more: Pick<NamedSet, 'places' | 'rowOf'> = {},
  ): NamedSet {
    const name = `${features.encoder.id}-${this.#named.size + 1}`;
    const set = { name, of, features, rows, ...more };
    this.#named.set(name, set);
    return set;
  }

  /** Time that embedding took of the encoder, the runtime and reading included. */
  spent(features: FeatureSet, seconds: number, patches: number): void {
    const { seconds: before, patches: already } = this.#spent.get(features) ?? { seconds: 0, patches: 0 };
    this.#spent.set(features, { seconds: before + seconds, patches: already + patches });
  }

  /** Undefined where nothing was embedded in this tab. */
  secondsPerPatch(features: FeatureSet): number | undefined {
    const spent = this.#spent.get(features);
    return spent && spent.patches > 0 ? spent.seconds / spent.patches : undefined;
  }

  /** @throws EosinError BadInput where there is none */
  named(name: string): NamedSet {
    const found = this.#named.get(name);
    if (found) return found;
    const known = [...this.#named.keys()].join(', ');
    const todo = known ? `This slide has ${known}.` : 'Call embed first; sets go with their slide.';
    throw new EosinError({ tag: 'BadInput', what: 'The set', seen: `there is none named ${name}`, todo });
  }
}
