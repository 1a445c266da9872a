import type { EarlyPicture } from '#slide/early-picture.ts';
import { isPixels, release } from '#slide/raster.ts';

/**
 * Lays a small picture of all of a slide where the viewer will fit the slide itself. Takes the picture over.
 * @returns what takes it away
 */
export function showEarlyPicture(element: HTMLElement, { raster }: EarlyPicture): () => void {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: raster.width, height: raster.height });
  canvas.dataset.early = ''; // for tests
  canvas.style.cssText =
    'position:absolute;inset:0;width:100%;height:100%;object-fit:contain;pointer-events:none;z-index:1';
  const context = canvas.getContext('2d', { alpha: false });
  if (isPixels(raster)) context?.putImageData(new ImageData(raster.rgba, raster.width), 0, 0);
  else context?.drawImage(raster, 0, 0);
  release(raster);
  element.append(canvas);
  return () => {
    canvas.remove();
    Object.assign(canvas, { width: 0, height: 0 }); // its memory goes at once
  };
}
