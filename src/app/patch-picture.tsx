// What a patch of the open slide looks like, small. Lazy parts show it: reading regions is not in the first load.
import { useEffect, useRef } from 'react';
import { readRegion } from '#slide/region.ts';
import type { Rect } from '#units/rect.ts';
import { useDesk } from './workbench.ts';

const SIDE = 112; // px: read once, shown at 84 or less

export function PatchPicture({ box }: { box: Rect }) {
  const { slides } = useDesk();
  const canvas = useRef<HTMLCanvasElement>(null);
  const { x, y, width, height } = box;
  useEffect(() => {
    const left = new AbortController();
    const slide = slides.opened()?.slide;
    if (!slide) return;
    const area = { x, y, width, height };
    readRegion(slide, area, width / SIDE, { signal: left.signal })
      .then((pixels) => {
        const picture = canvas.current;
        if (!picture) return;
        Object.assign(picture, { width: pixels.width, height: pixels.height });
        picture.getContext('2d')?.putImageData(new ImageData(pixels.rgba, pixels.width, pixels.height), 0, 0);
      })
      .catch(() => undefined); // a tile that would not decode leaves it grey; the slide says why
    return () => left.abort();
  }, [slides, x, y, width, height]);
  return <canvas ref={canvas} width={1} height={1} aria-hidden />;
}
