// OpenSeadragon (6.1.1) asks for an animation frame for ever, though nothing moves: the browser then makes sixty a second, on
// four threads, a seventeenth of a core. Here its frames are held while nothing happens. Delete this file when a newer OpenSeadragon
// rests by itself (idle-frames.browser.ts tells).
import OpenSeadragon from 'openseadragon';

const AWAKE_MS = 300; // after the last thing that happened; springs tell each of their steps
const LOOK_MS = 250; //  between two looks without a frame, for what changes untold

/** Hands out frames as long as something happened just now; else a look now and then, by a timer, which draws nothing new. */
class IdleFrames {
  readonly #held = new Map<number, FrameRequestCallback>();
  readonly #asked = new Map<number, number>(); // ticket → the browser's number
  #ticket = 0;
  #mayRest = false; //                           what is asked for next
  #awakeUntil = Number.NEGATIVE_INFINITY; //     ms of performance.now()
  #look: ReturnType<typeof setTimeout> | undefined;

  /** Something happened that may have to be drawn. */
  wake(): void {
    this.#awakeUntil = performance.now() + AWAKE_MS;
    for (const [ticket, callback] of this.#held) this.#ask(ticket, callback);
    this.#held.clear();
  }

  /** Within this turn of the event loop, what asks next is the loop of a viewer that tells of all that happens to it. */
  rests(): void {
    this.#mayRest = true;
    queueMicrotask(() => {
      this.#mayRest = false;
    });
  }

  request(callback: FrameRequestCallback): number {
    const ticket = ++this.#ticket;
    const mayRest = this.#mayRest;
    this.#mayRest = false;
    if (!mayRest || performance.now() < this.#awakeUntil) this.#ask(ticket, callback);
    else {
      this.#held.set(ticket, callback);
      this.#look ??= setTimeout(() => this.#lookAround(), LOOK_MS);
    }
    return ticket;
  }

  cancel(ticket: number): void {
    this.#held.delete(ticket);
    cancelAnimationFrame(this.#asked.get(ticket) ?? 0);
    this.#asked.delete(ticket);
  }

  #ask(ticket: number, callback: FrameRequestCallback): void {
    const frame = requestAnimationFrame((time) => {
      this.#asked.delete(ticket);
      callback(time);
    });
    this.#asked.set(ticket, frame);
  }

  /** As frames of the browser's: who fails costs the others nothing, and what one of them cancels does not come. */
  #lookAround(): void {
    this.#look = undefined;
    for (const [ticket, callback] of [...this.#held]) {
      if (!this.#held.delete(ticket)) continue;
      try {
        callback(performance.now());
      } catch (thrown) {
        reportError(thrown);
      }
    }
  }
}

const frames = new IdleFrames(); // of all viewers of the page, as OpenSeadragon's own
Reflect.set(OpenSeadragon, 'requestAnimationFrame', (callback: FrameRequestCallback) => frames.request(callback));
Reflect.set(OpenSeadragon, 'cancelAnimationFrame', (ticket: number) => frames.cancel(ticket));

/** A viewer that tells of all that may need a frame: its events, what asks to be drawn anew, and its size. */
export class RestingViewer extends OpenSeadragon.Viewer {
  constructor(options: OpenSeadragon.Options) {
    super(options);
    new ResizeObserver(() => frames.wake()).observe(this.container); // lives as long as the container
  }

  override raiseEvent(...told: Parameters<OpenSeadragon.Viewer['raiseEvent']>): boolean {
    frames.wake();
    return super.raiseEvent(...told);
  }

  override raiseEventAwaiting(...told: Parameters<OpenSeadragon.Viewer['raiseEventAwaiting']>): Promise<unknown> {
    frames.wake();
    return super.raiseEventAwaiting(...told);
  }

  /** Its loop asks this just before it asks for the next frame. Loops of other viewers go on as they do. */
  override isOpen(): boolean {
    const isOpen = super.isOpen();
    if (isOpen) frames.rests();
    return isOpen;
  }

  override forceRedraw(): OpenSeadragon.Viewer {
    frames.wake();
    return super.forceRedraw();
  }

  override forceResize(): void {
    frames.wake();
    super.forceResize();
  }
}
