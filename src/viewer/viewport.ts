// Between OpenSeadragon's viewport (widths of the slide, spring animation) and frames in level-0 px.
import OpenSeadragon from 'openseadragon';
import type { Waits } from '#channel/waits.ts';
import type { Rect } from '#units/rect.ts';
import type { Frame } from './frame.ts';

/** The frame on screen now, or with `target` the one that an animation ends in. */
export function frameOf(osd: OpenSeadragon.Viewer, slideWidth: number, moment: 'now' | 'target' = 'now'): Frame {
  const { viewport } = osd;
  const now = moment === 'now';
  const size = viewport.getContainerSize();
  const centre = viewport.getCenter(now);
  return {
    centre: { x: centre.x * slideWidth, y: centre.y * slideWidth },
    zoom: (viewport.getZoom(now) * size.x) / slideWidth,
    rotation: viewport.getRotation(now),
    flipped: viewport.getFlip(),
    width: size.x,
    height: size.y,
  };
}

/** Parts left out stay. */
export type FrameChange = Partial<Pick<Frame, 'centre' | 'zoom' | 'rotation' | 'flipped'>>;

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** @param immediately without animation */
export function moveTo(osd: OpenSeadragon.Viewer, slideWidth: number, change: FrameChange, immediately: boolean): void {
  const { viewport } = osd;
  if (change.flipped !== undefined) viewport.setFlip(change.flipped);
  if (change.rotation !== undefined) viewport.setRotation(change.rotation, immediately);
  if (change.zoom !== undefined) {
    const zoom = (change.zoom * slideWidth) / viewport.getContainerSize().x;
    const lowest = Math.min(viewport.getMinZoom(), viewport.getHomeZoom());
    viewport.zoomTo(clamp(zoom, lowest, viewport.getMaxZoom()), undefined, immediately);
  }
  if (change.centre) {
    const { x, y } = change.centre;
    viewport.panTo(new OpenSeadragon.Point(x / slideWidth, y / slideWidth), immediately);
  }
}

export function fitTo(osd: OpenSeadragon.Viewer, slideWidth: number, rect: Rect, immediately: boolean): void {
  const { x, y, width, height } = rect;
  osd.viewport.fitBounds(
    new OpenSeadragon.Rect(x / slideWidth, y / slideWidth, width / slideWidth, height / slideWidth),
    immediately,
  );
}

/** Opens a source, fitted. Resolves before any tile is there; rejects where another source is opened meanwhile. */
export function opened(osd: OpenSeadragon.Viewer, source: OpenSeadragon.TileSource, { signal }: Waits): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      osd.removeHandler('open', onOpen);
      osd.removeHandler('close', onClose);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onOpen = (event: { source: unknown }): void => {
      if (event.source === source) end(resolve);
    };
    const onClose = (): void => end(() => reject(closed()));
    const onAbort = (): void => end(() => reject(signal.reason));
    osd.open({ tileSource: source });
    osd.addHandler('open', onOpen);
    osd.addHandler('close', onClose); // after `open`, which itself closes what was there
    signal.addEventListener('abort', onAbort);
  });
}

const closed = (): DOMException => new DOMException('The slide was closed.', 'AbortError');

/**
 * Resolves after a frame in which all tiles in view (or what stands in for failed ones) are drawn. Where the view lies beside
 * the slide there are none, and OpenSeadragon goes on saying what it said before.
 */
export function drawn(osd: OpenSeadragon.Viewer, { signal }: Waits): Promise<void> {
  return new Promise((resolve, reject) => {
    let item: OpenSeadragon.TiledImage | undefined; // not there yet while the source still opens
    const end = (settle: () => void): void => {
      osd.removeHandler('update-viewport', onFrame);
      osd.removeHandler('close', onClose);
      item?.removeHandler('fully-loaded-change', redraw);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onFrame = (): void => {
      follow();
      if (item?.getFullyLoaded() || item?.getDrawArea() === null) end(resolve);
    };
    const follow = (): void => {
      const now = osd.world.getItemAt(0);
      if (now === item) return;
      item?.removeHandler('fully-loaded-change', redraw);
      item = now;
      item?.addHandler('fully-loaded-change', redraw);
    };
    const onAbort = (): void => end(() => reject(signal.reason));
    const onClose = (): void => end(() => reject(closed()));
    const redraw = (): void => void osd.forceRedraw();
    if (signal.aborted) return reject(signal.reason);
    osd.addHandler('update-viewport', onFrame);
    osd.addHandler('close', onClose);
    follow();
    signal.addEventListener('abort', onAbort);
    redraw();
  });
}
