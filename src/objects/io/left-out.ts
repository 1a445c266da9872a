// What features hold that has no place here. A million of them may: each kind of it is told once, with the first and how many.
import type { Refused } from './feature-objects.ts';
import type { LeftOut } from './raw-feature.ts';

const WORDS: Readonly<Record<LeftOut | 'colour', string>> = {
  encoding: 'a text of it is not UTF-8, and is read as Windows-1252',
  plane: 'it lies in another plane (z or t), and is shown with the others',
  ellipse: 'it is marked as an ellipse, and is kept as its outline',
  measurements: 'a measurement that is no number, or beyond the first 2,000, is left out',
  metadata: 'an entry of its metadata that is no text, or beyond the first 200, is left out',
  property: 'a property that is no measurement and no metadata is left out',
  nucleus: 'the nucleus of its cell is no polygon, and is left out',
  type: 'it is a detection, a tile or a core for QuPath, and an annotation here',
  missing: 'it is marked as missing, and that mark is left out',
  badColour: 'a colour that is neither [red, green, blue], 0 to 255 each, nor "#rrggbb" is left out',
  colour: 'it has a colour of its own, and is shown in that of its class',
};

export class LeftOutBook {
  readonly #seen = new Map<keyof typeof WORDS, { readonly first: number; count: number }>();

  /** @param feature of the file, counted from 0 */
  add(what: keyof typeof WORDS, feature: number): void {
    const seen = this.#seen.get(what);
    if (seen) seen.count++;
    else this.#seen.set(what, { first: feature, count: 1 });
  }

  told(): Refused[] {
    return [...this.#seen].map(([what, { first, count }]) => {
      const more = count === 1 ? '' : `; so it is with ${(count - 1).toLocaleString('en-US')} more`;
      return { feature: first, why: `${WORDS[what]}${more}`, partly: true };
    });
  }
}
