// The depths that a DICOM picture was scanned at, and the lights that it holds frames of.
import { middleOf, planeNames } from '../planes.ts';
import type { Dataset } from './dataset.ts';
import { TAG } from './instance.ts';
import { type OpticalPath, type Parts, pathsOf, widthOf } from './pictures.ts';

/** True where each frame says where it lies. */
export const isListed = ({ first, all }: Parts): boolean =>
  first.dataset.text(TAG.dimensionOrganization) !== 'TILED_FULL' &&
  all.some(({ dataset }) =>
    dataset
      .items(TAG.perFrameGroups)[0]
      ?.items(TAG.planePosition)
      .some((item) => item.has(TAG.columnPosition)),
  );

export const pathIn = (group: Dataset | undefined): string | undefined =>
  group?.items(TAG.pathOfFrame)[0]?.text(TAG.opticalPath);

/** Of a frame, µm above the glass. */
export const depthIn = (group: Dataset): number =>
  group.items(TAG.planePosition)[0]?.decimals(TAG.depthPosition)[0] || 0;

/** Of all frames of a picture, µm above the glass; undefined where that is not said. */
function depthOf({ first: { dataset } }: Parts): number | undefined {
  const group = dataset.items(TAG.sharedGroups)[0] ?? dataset.items(TAG.perFrameGroups)[0];
  const position =
    group?.items(TAG.planePosition)[0] ?? dataset.items(TAG.perFrameGroups)[0]?.items(TAG.planePosition)[0];
  return (position ?? dataset.items(TAG.matrixOrigin)[0])?.decimals(TAG.depthPosition)[0];
}

/** A file for each focal plane, or one for them all. */
export interface Stack {
  readonly pictures: readonly Parts[]; // from the nearest focus on; one at least
  readonly planes: readonly string[]; //  what they are called
}

/** Of pictures of one size: those that each hold one depth, and say which; the first alone where they do not. */
export function stackOf(alike: readonly [Parts, ...Parts[]], path: OpticalPath | undefined): Stack {
  const [first] = alike;
  const depths = new Map<number, Parts>();
  for (const picture of alike) {
    const depth = depthOf(picture);
    if (depth !== undefined && !depths.has(depth) && planesIn(picture, path).length === 1) depths.set(depth, picture);
  }
  if (depths.size < 2) return { pictures: [first], planes: planesIn(first, path) };
  const sorted = [...depths].sort(([a], [b]) => a - b);
  return { pictures: sorted.map(([, picture]) => picture), planes: planeNames(sorted.length, (i) => sorted[i]?.[0]) };
}

/** Frames that cover the picture once. */
const framesOfOne = ({ first }: Parts): number =>
  Math.ceil(first.matrixColumns / first.columns) * Math.ceil(first.matrixRows / first.rows);

const framesOf = ({ all }: Parts): number => all.reduce((sum, { frameCount }) => sum + frameCount, 0);

/** Those that are said and that there are frames of; the first where the frames are fewer. */
function pathsHeld(picture: Parts): OpticalPath[] {
  const said = pathsOf(picture);
  if (said.length < 2) return said;
  if (!isListed(picture)) return framesOf(picture) >= said.length * framesOfOne(picture) ? said : said.slice(0, 1);
  const used = new Set(
    picture.all.flatMap(({ dataset }) => {
      const shared = pathIn(dataset.items(TAG.sharedGroups)[0]);
      return dataset.items(TAG.perFrameGroups).map((group) => pathIn(group) ?? shared);
    }),
  );
  const held = said.filter(({ id }) => used.has(id));
  return held.length > 0 ? held : said.slice(0, 1);
}

/** The lights of the largest pictures, where there are several to choose from: channels of grey, or each in colour. */
export function channelsIn(pictures: readonly Parts[]): OpticalPath[] {
  const [base] = pictures;
  if (!base) return [];
  const isColour = base.first.dataset.whole(TAG.samples) !== 1;
  const paths = new Map<string, OpticalPath>();
  for (const picture of pictures.filter((each) => widthOf(each) === widthOf(base)))
    for (const path of isColour ? pathsHeld(picture) : pathsOf(picture))
      if (!paths.has(path.id)) paths.set(path.id, path);
  return paths.size > 1 ? [...paths.values()] : [];
}

/** What the depths are called, from the nearest focus on; one at least. @param path the light, where there are several */
export function planesIn(picture: Parts, path: OpticalPath | undefined): string[] {
  return isListed(picture) ? listedPlanes(picture, path) : saidPlanes(picture);
}

/** Fewer frames than are said, and there is one plane. */
function saidPlanes(picture: Parts): string[] {
  const { dataset } = picture.first;
  const said = Math.max(1, dataset.whole(TAG.focalPlanes) ?? 1);
  const lights = Math.max(1, pathsOf(picture).length);
  const count = said * lights * framesOfOne(picture) <= framesOf(picture) ? said : 1;
  const measures = dataset.items(TAG.sharedGroups)[0]?.items(TAG.pixelMeasures)[0];
  const mm = measures?.decimals(TAG.sliceSpacing)[0];
  return planeNames(count, (plane) => mm && (plane - middleOf(count)) * mm * 1000);
}

/** As many as there are frames at the place that was seen at most depths. */
function listedPlanes(picture: Parts, path: OpticalPath | undefined): string[] {
  const seen = new Map<string, number>();
  const depths = new Set<number>();
  for (const { dataset } of picture.all) {
    const shared = pathIn(dataset.items(TAG.sharedGroups)[0]);
    for (const group of dataset.items(TAG.perFrameGroups)) {
      const light = path && (pathIn(group) ?? shared);
      if (light !== undefined && light !== path?.id) continue;
      const position = group.items(TAG.planePosition)[0];
      const place = `${position?.whole(TAG.columnPosition, true)},${position?.whole(TAG.rowPosition, true)}`;
      seen.set(place, (seen.get(place) ?? 0) + 1);
      depths.add(depthIn(group));
    }
  }
  let count = 1;
  for (const times of seen.values()) count = Math.max(count, times);
  // Where each place has a depth of its own (its focus), the depths are no planes' names.
  const sorted = depths.size === count ? [...depths].sort((a, b) => a - b) : [];
  return planeNames(count, (plane) => sorted[plane]);
}
