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
  for (const instance of withOffsets(instances).sort(inOrder)) {
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

/** Of a concatenation whose parts do not say where they begin, by their numbers. */
function withOffsets(instances: readonly Instance[]): Instance[] {
  const numbered = (each: Instance): boolean =>
    each.dataset.has(TAG.concatenation) && each.dataset.has(TAG.partNumber) && !each.dataset.has(TAG.frameOffset);
  const ends = new Map<string, number>(); // frames so far
  const parts = instances.filter(numbered).sort((a, b) => partNumber(a) - partNumber(b));
  const placed = parts.map((part) => {
    const key = part.dataset.text(TAG.concatenation) ?? '';
    const frameOffset = ends.get(key) ?? 0;
    ends.set(key, frameOffset + part.frameCount);
    return { ...part, frameOffset };
  });
  return [...instances.filter((each) => !numbered(each)), ...placed];
}

const partNumber = ({ dataset }: Instance): number => dataset.whole(TAG.partNumber) ?? 0;

const inOrder = (a: Instance, b: Instance): number =>
  a.frameOffset - b.frameOffset || numberOf(a) - numberOf(b) || (uidOf(a) < uidOf(b) ? -1 : 1);
const numberOf = ({ dataset }: Instance): number => dataset.decimals(TAG.instanceNumber)[0] || 0;
const uidOf = ({ dataset }: Instance): string => dataset.text(TAG.sopInstance) ?? '';

/**
 * The series that hold the largest picture, in the same lights: several are scans of the glass one after the other, whose levels
 * do not belong together.
 */
export function scansIn(pictures: readonly Parts[]): Parts[] {
  const [base] = pictures;
  if (!base) return [];
  const lights = (picture: Parts): string =>
    pathsOf(picture)
      .map(({ id }) => id)
      .join('\\');
  const alike = pictures.filter((each) => sizeOf(each) === sizeOf(base) && lights(each) === lights(base));
  const seriesOf = ({ first }: Parts): string | undefined => first.dataset.text(TAG.series);
  return firstOfEach(alike, seriesOf);
}

/** The first of those that have the same key. */
export function firstOfEach<T>(all: readonly T[], keyOf: (one: T) => string | undefined): T[] {
  const firsts = new Map<string | undefined, T>();
  for (const one of all) if (!firsts.has(keyOf(one))) firsts.set(keyOf(one), one);
  return [...firsts.values()];
}

export const sizeOf = ({ first }: Parts): string => `${first.matrixColumns} × ${first.matrixRows}`;

/** The pictures of each size, largest first: those of the light where there are any, all else. */
export function inLight(pictures: readonly Parts[], path: OpticalPath | undefined): [Parts, ...Parts[]][] {
  const sizes = new Map<string, [Parts, ...Parts[]]>();
  for (const picture of pictures) {
    const alike = sizes.get(sizeOf(picture));
    if (alike) alike.push(picture);
    else sizes.set(sizeOf(picture), [picture]);
  }
  return [...sizes.values()].map((alike) => {
    const holds = (picture: Parts): boolean => !path || pathsOf(picture).some(({ id }) => id === path.id);
    const [first, ...others] = alike.filter(holds);
    return first ? [first, ...others] : alike;
  });
}

/** Whether a picture may be the largest made smaller: of its shape, with up to a frame of padding, and what writers round. */
export function isShapeOf({ first: base }: Parts, { first }: Parts): boolean {
  const times = (whole: number, part: number, frame: number): [least: number, most: number] => [
    whole / (part * 1.01 + 2),
    whole / Math.max(1, part * 0.99 - 2 - frame),
  ];
  const [leastX, mostX] = times(base.matrixColumns, first.matrixColumns, first.columns);
  const [leastY, mostY] = times(base.matrixRows, first.matrixRows, first.rows);
  return Math.max(leastX, leastY) <= Math.min(mostX, mostY);
}
