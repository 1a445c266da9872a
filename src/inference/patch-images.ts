// The pictures of a patch on their way between threads.
import type { Patch } from './model.ts';

/** What moves with a patch: the same picture may be named twice. */
export const imagesOf = ({ tiles }: Pick<Patch, 'tiles'>): Transferable[] => [
  ...new Set(tiles.map(({ image }) => ('rgba' in image ? image.rgba.buffer : image))),
];

export function closeImages({ tiles }: Pick<Patch, 'tiles'>): void {
  for (const { image } of tiles) if ('close' in image) image.close();
}
