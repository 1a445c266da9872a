// Tiles are read before they are seen, while nothing that is seen waits: their bytes are then in the cache of encoded tiles,
// within its budget.
import { release } from '#slide/raster.ts';
import type { Slide, TileAt } from '#slide/slide.ts';
import type { Seen } from './tiles-ahead.ts';

const AT_ONCE = 8; //         reads: enough for neighbours to travel together
const BEHIND_MS = 50; //      after a movement: by then what it brought on screen is asked for
const MOST_KNOWN = 20_000; // tiles that are remembered as read

const nameOf = ({ level, col, row }: TileAt): string => `${level}/${col}/${row}`;

interface Flying {
  readonly at: TileAt;
  readonly controller: AbortController;
}

export class Prefetch {
  readonly #slide: Pick<Slide, 'levels' | 'readTile'>;
  readonly #known = new Set<string>(); // read once: mostly still in a cache
  readonly #flying = new Map<string, Flying>();
  #planned: TileAt[] = [];
  #view: Seen | undefined;
  #held = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The slide is lent until `stop`. */
  constructor(slide: Pick<Slide, 'levels' | 'readTile'>) {
    this.#slide = slide;
  }

  /** Where the view goes now. What the new direction does not need is given up. */
  moved(now: Seen): void {
    const before = this.#view;
    this.#view = now;
    if (before) void this.#plan(before, now);
  }

  async #plan(before: Seen, now: Seen): Promise<void> {
    const part = await import('./tiles-ahead.ts').catch(() => undefined); // what does not come is told where parts arrive
    const ahead = this.#view && part?.tilesAhead(this.#slide.levels, before, now);
    if (!ahead) return;
    const wanted = new Set(ahead.map(nameOf));
    for (const [name, { controller }] of this.#flying) if (!wanted.has(name)) controller.abort(turned());
    this.#planned = ahead.filter((at) => !this.#known.has(nameOf(at)) && !this.#flying.has(nameOf(at)));
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#go();
    }, BEHIND_MS);
  }

  /** A tile on screen is being read: all others make way until `go`. */
  makeWay(seen: TileAt): void {
    this.#held = true;
    for (const [name, { at, controller }] of this.#flying) {
      if (name === nameOf(seen)) continue; // the same read
      controller.abort(turned());
      this.#planned.unshift(at);
    }
  }

  /** A tile on screen was read. */
  wasRead(at: TileAt): void {
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.add(nameOf(at));
  }

  /** Nothing on screen waits. */
  go(): void {
    this.#held = false;
    this.#go();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#planned = [];
    this.#view = undefined;
    for (const { controller } of this.#flying.values()) controller.abort(turned());
  }

  #go(): void {
    while (!this.#held && this.#flying.size < AT_ONCE) {
      const next = this.#planned.shift();
      if (!next) return;
      if (!this.#known.has(nameOf(next)) && !this.#flying.has(nameOf(next))) void this.#read(next);
    }
  }

  async #read(at: TileAt): Promise<void> {
    const controller = new AbortController();
    this.#flying.set(nameOf(at), { at, controller });
    try {
      release(await this.#slide.readTile(at, { signal: controller.signal }));
      this.wasRead(at);
    } catch {
      // Whatever is wrong with it is told when it is on screen.
    } finally {
      this.#flying.delete(nameOf(at));
      this.#go();
    }
  }
}

const turned = (): DOMException => new DOMException('The view turned elsewhere.', 'AbortError');
