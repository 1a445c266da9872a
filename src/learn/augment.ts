// Augmentation in the space of features: what a frozen encoder would have said of a patch that looks a little different,
// without running it again. Named strategies of our own choice (docs/learn.md); all in standardised features.
import { badInput } from './features.ts';
import { Random } from './random.ts';

export type Augmentation =
  | { readonly kind: 'none' }
  /** Normal noise of this many deviations on every feature. */
  | { readonly kind: 'noise'; readonly size: number }
  /** Zhang et al. 2018: a patch and another of the batch, and their labels, mixed by Beta(alpha, alpha). */
  | { readonly kind: 'mixup'; readonly alpha: number }
  /**
   * Adds up to `most` times a difference that augmenting a picture made to some patch's features.
   * `values` [count × cols]: features of an augmented copy minus those of the patch, unstandardised.
   */
  | { readonly kind: 'directions'; readonly values: Float32Array; readonly count: number; readonly most: number };

/** What is used where a person only names the strategy. */
export const USUAL = {
  none: { kind: 'none' },
  noise: { kind: 'noise', size: 0.3 },
  mixup: { kind: 'mixup', alpha: 0.2 },
} as const satisfies Record<string, Augmentation>;

/** Changes a batch's features [n × cols] and soft labels [n × classes] in place. */
export type Augment = (features: Float32Array, targets: Float32Array, n: number) => void;

const TABLE = 65_536; // normal draws, from a random place on: a batch needs more than are worth drawing anew

/** @throws EosinError BadInput where directions are of another width, or there are none */
export function augmenter(asked: Augmentation, cols: number, deviation: Float32Array, seed: number): Augment {
  const random = new Random(seed);
  switch (asked.kind) {
    case 'none':
      return () => undefined;
    case 'noise': {
      const normal = Float32Array.from({ length: TABLE }, () => asked.size * random.normal());
      return (features) => {
        for (let i = 0, at = random.below(TABLE); i < features.length; i++, at++) {
          if (i % 997 === 0) at = random.below(TABLE); // no two rows in step
          features[i] = (features[i] ?? 0) + (normal[at % TABLE] ?? 0);
        }
      };
    }
    case 'mixup':
      return (features, targets, n) => {
        const partner = random.shuffle(Uint32Array.from({ length: n }, (_, i) => i));
        const share = Float32Array.from(partner, () => random.beta(asked.alpha));
        mix(features, partner, share);
        mix(targets, partner, share);
      };
    case 'directions': {
      const { values, count, most } = asked;
      if (count < 1 || values.length !== count * cols) {
        const seen = `${values.length} numbers are not ${count} differences of ${cols} features`;
        throw badInput('The directions', seen, 'Embed augmented copies of some patches by the same encoder and block.');
      }
      return (features, _, n) => {
        for (let row = 0; row < n; row++) {
          const [from, size] = [random.below(count) * cols, most * random.next()];
          for (let j = 0; j < cols; j++) {
            const at = row * cols + j;
            features[at] = (features[at] ?? 0) + (size * (values[from + j] ?? 0)) / (deviation[j] ?? 1);
          }
        }
      };
    }
  }
}

/** Row i becomes share[i] of itself and the rest of its partner, as it was. */
function mix(values: Float32Array, partner: Uint32Array, share: Float32Array): void {
  const before = Float32Array.from(values);
  const cols = values.length / partner.length;
  for (const [row, other] of partner.entries()) {
    const own = share[row] ?? 1;
    for (let j = 0; j < cols; j++)
      values[row * cols + j] = own * (before[row * cols + j] ?? 0) + (1 - own) * (before[other * cols + j] ?? 0);
  }
}
