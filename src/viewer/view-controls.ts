// The part of a Viewer that says what is seen and moves it: magnifications, turns, and the way between screen and slide.
import type OpenSeadragon from 'openseadragon';
import type { Waits } from '#channel/waits.ts';
import type { Point, Rect } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';
import { type Frame, showsAll, toScreen, toSlide, visibleRect } from './frame.ts';
import { motionSeconds } from './osd.ts';
import { changed, magnificationAt, nextMagnification, scaleBarAt, zoomAt } from './scale.ts';
import { SceneControls } from './scene-controls.ts';
import type { ScaleBar, View, ViewChange } from './viewer-api.ts';
import { drawn, fitTo, frameOf, moveTo } from './viewport.ts';

/** Of no slide. */
export const NOTHING: Frame = { centre: { x: 0, y: 0 }, zoom: 0, rotation: 0, width: 0, height: 0 };

const EMPTY: Rect = { x: 0, y: 0, width: 0, height: 0 };

export abstract class ViewControls extends SceneControls {
  protected readonly osd: OpenSeadragon.Viewer;
  protected mpp: MppXY | undefined; // of level 0

  /** @param osd borrowed: whoever made it destroys it */
  constructor(osd: OpenSeadragon.Viewer) {
    super();
    this.osd = osd;
  }

  protected get frame(): Frame {
    return this.scene.slide ? frameOf(this.osd, this.scene.slide.width) : NOTHING;
  }

  protected get target(): Frame {
    return this.scene.slide ? frameOf(this.osd, this.scene.slide.width, 'target') : NOTHING;
  }

  /** Device px a CSS px, of the slide's canvas. */
  protected get pixelRatio(): number {
    const { canvas } = this.osd.drawer;
    return canvas.width / (this.osd.viewport.getContainerSize().x || 1);
  }

  protected viewOf({ centre, zoom, rotation, flipped = false }: Frame): View {
    const magnification = magnificationAt(zoom, this.mpp);
    return { centre, zoom, magnification, rotation: ((rotation % 360) + 360) % 360, flipped };
  }

  view(): View {
    return this.viewOf(this.frame);
  }

  async setView(change: ViewChange, waits: Waits): Promise<void> {
    waits.signal.throwIfAborted();
    if (!this.scene.slide) return;
    this.place(change);
    await drawn(this.osd, waits);
  }

  place(change: ViewChange): void {
    if (this.scene.slide) moveTo(this.osd, this.scene.slide.width, changed(change, this.mpp), true);
  }

  zoomTo(magnification: number): void {
    if (this.scene.slide && this.mpp) {
      moveTo(this.osd, this.scene.slide.width, { zoom: zoomAt(magnification, this.mpp) }, false);
    }
  }

  #zoomBy(factor: number): void {
    if (this.scene.slide) moveTo(this.osd, this.scene.slide.width, { zoom: this.target.zoom * factor }, false);
  }

  /** The next button's magnification; twice or half while uncalibrated. */
  zoomStep(direction: 1 | -1): void {
    const now = magnificationAt(this.target.zoom, this.mpp);
    if (now === undefined) this.#zoomBy(direction > 0 ? 2 : 0.5);
    else this.zoomTo(nextMagnification(now, direction));
  }

  fit(rect?: Rect): void {
    if (!this.scene.slide) return;
    if (rect) fitTo(this.osd, this.scene.slide.width, rect, motionSeconds() === 0);
    else this.osd.viewport.goHome(motionSeconds() === 0);
  }

  rotate(degrees: number): void {
    if (!this.scene.slide) return;
    const target = this.target;
    const rotation = target.rotation + (target.flipped ? -degrees : degrees);
    moveTo(this.osd, this.scene.slide.width, { rotation }, motionSeconds() === 0);
  }

  flip(): void {
    if (this.scene.slide) moveTo(this.osd, this.scene.slide.width, { flipped: !this.target.flipped }, true);
  }

  glideTo(at: Point): void {
    this.goTo(at, motionSeconds() === 0);
  }

  protected goTo(at: Point, immediately: boolean): void {
    if (this.scene.slide) moveTo(this.osd, this.scene.slide.width, { centre: at }, immediately);
  }

  /** CSS px on screen, whatever the rotation. */
  protected panBy(x: number, y: number): void {
    const frame = this.target;
    if (this.scene.slide) this.goTo(toSlide(frame, frame.width / 2 + x, frame.height / 2 + y), motionSeconds() === 0);
  }

  visibleRect(): Rect {
    return this.scene.slide ? visibleRect(this.frame, this.scene.slide.width, this.scene.slide.height) : EMPTY;
  }

  toSlide(x: number, y: number): Point {
    return toSlide(this.frame, x, y);
  }

  toScreen(x: number, y: number): Point {
    return toScreen(this.frame, x, y);
  }

  scaleBar(): ScaleBar {
    return scaleBarAt(this.frame.zoom, this.mpp);
  }

  showsAll(): boolean {
    return !this.scene.slide || showsAll(this.frame, this.scene.slide.width, this.scene.slide.height);
  }
}
