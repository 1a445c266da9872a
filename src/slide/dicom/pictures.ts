// The pictures of a slide's DICOM files: which files hold one together, and which of several lights it was seen in.
import type { Instance } from './instance.ts';
import { TAG } from './instance.ts';

/** The files of one picture: several where it is a concatenation. At least one. */
export interface Parts {
  readonly first: Instance;
  readonly all: readonly Instance[];
}

/** A light that the glass was seen in: a channel of fluorescence, or the one light of a stained slide. */
export interface OpticalPath {
  readonly id: string;
  readonly name: string;
}

export const widthOf = ({ first }: Parts): number => first.matrixColumns;

/** In the order of their frames. Those of instances that do not say it have none. */
export const pathsOf = ({ first }: Parts): OpticalPath[] =>
  first.dataset.items(TAG.opticalPaths).map((item, i) => {
    const id = item.text(TAG.opticalPath) ?? String(i + 1);
    const nm = item.float(TAG.waveLength);
    const name = item.text(TAG.pathDescription) ?? (nm === undefined ? `Optical path ${id}` : `${Math.round(nm)} nm`);
    return { id, name };
  });

/** What several files show of the glass: a picture for each size and light, largest first. */
export function picturesOf(instances: readonly Instance[]): Parts[] {
  const pictures: { first: Instance; all: Instance[] }[] = [];
  for (const instance of [...instances].sort(inOrder)) {
    const known = pictures.find(({ all }) => all.every((other) => together(other, instance)));
    if (known) known.all.push(instance);
    else pictures.push({ first: instance, all: [instance] });
  }
  return pictures.sort((a, b) => widthOf(b) - widthOf(a)); // stable: alike ones stay in their order
}

/** Parts of a concatenation say where they begin in it; some writers leave out what they belong to. */
const together = (a: Instance, b: Instance): boolean =>
  a.matrixColumns === b.matrixColumns &&
  a.matrixRows === b.matrixRows &&
  a.frameOffset !== b.frameOffset &&
  a.dataset.text(TAG.concatenation) === b.dataset.text(TAG.concatenation);

const inOrder = (a: Instance, b: Instance): number =>
  a.frameOffset - b.frameOffset || numberOf(a) - numberOf(b) || (uidOf(a) < uidOf(b) ? -1 : 1);
const numberOf = ({ dataset }: Instance): number => dataset.decimals(TAG.instanceNumber)[0] || 0;
const uidOf = ({ dataset }: Instance): string => dataset.text(TAG.sopInstance) ?? '';

/**
 * Series that hold the largest picture, in the same lights: scans of the glass one after the other, whose levels do not
 * belong together.
 */
export function scansIn(pictures: readonly Parts[]): number {
  const [base] = pictures;
  if (!base) return 0;
  const lights = (picture: Parts): string =>
    pathsOf(picture)
      .map(({ id }) => id)
      .join('\\');
  const alike = pictures.filter((each) => sizeOf(each) === sizeOf(base) && lights(each) === lights(base));
  return new Set(alike.map(({ first }) => first.dataset.text(TAG.series))).size;
}

const sizeOf = ({ first }: Parts): string => `${first.matrixColumns}×${first.matrixRows}`;

/** One picture a size: that of the light where it is there, the first else. */
export function inLight(pictures: readonly Parts[], path: OpticalPath | undefined): Parts[] {
  const sizes = new Map<string, Parts>();
  const holds = (picture: Parts | undefined): boolean =>
    picture !== undefined && (path === undefined || pathsOf(picture).some(({ id }) => id === path.id));
  for (const picture of pictures) {
    const key = sizeOf(picture);
    const known = sizes.get(key);
    if (!known || (!holds(known) && holds(picture))) sizes.set(key, picture);
  }
  return [...sizes.values()];
}
