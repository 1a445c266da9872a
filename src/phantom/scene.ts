// How a rectangle of a level is painted, from the slide's plan.
import type { Pixels } from '#slide/slide.ts';
import { grow, type Rect, scale } from '#units/rect.ts';
import { type Canvas, Planes } from './canvas.ts';
import { Coverage, type Window } from './coverage.ts';
import { FieldGrid } from './field-grid.ts';
import { Glands } from './glands.ts';
import { paintGround } from './ground.ts';
import { type Look, lookOf, MARGIN, photograph, photographGlass } from './optics.ts';
import { paintGland, paintGlandFar } from './paint-gland.ts';
import { NucleusPainter } from './paint-nucleus.ts';
import { paintVessel } from './paint-vessel.ts';
import { Plan, UM_PER_PX } from './plan.ts';
import { samplerOf, textures } from './texture.ts';

/** Lattices of the anatomy, µm, for levels that are too coarse for the plan's own. */
const COARSE = [
  { upTo: 4, spacing: 32 },
  { upTo: 7, spacing: 64 },
  { upTo: 99, spacing: 128 },
] as const;
const FINE_UP_TO = 3; // coarsest level that reads the plan's lattice
const DRAWS_CELLS = 3; // coarsest level with single nuclei
const DRAWS_GLANDS = 6; // and with single glands
const FAR_DETAIL = 0.35; // of the outlines' vertices at levels without single nuclei
const LARGEST_NUCLEUS_UM = 11;

export class Scene {
  readonly plan: Plan;
  readonly #farGlands: Glands;
  readonly #look: Look;
  readonly #grids: readonly { upTo: number; grid: FieldGrid }[];
  readonly #coverage = new Coverage();
  readonly #planes = new Planes();

  constructor(seed: number) {
    this.plan = new Plan(seed);
    const { anatomy, grid, frame, glands } = this.plan;
    this.#grids = [
      { upTo: FINE_UP_TO, grid },
      ...COARSE.map(({ upTo, spacing }) => ({ upTo, grid: new FieldGrid(anatomy, spacing) })),
    ];
    this.#farGlands = new Glands(anatomy.seed, frame, this.#gridFor(DRAWS_GLANDS), {
      detail: FAR_DETAIL,
      exact: glands,
    });
    this.#look = lookOf(anatomy.seed);
  }

  #gridFor(level: number): FieldGrid {
    return this.#grids.find(({ upTo }) => level <= upTo)?.grid ?? this.plan.grid;
  }

  /** The picture of a rectangle of a level, in that level's pixels. */
  render(level: number, window: Window): Pixels {
    const umPerPx = UM_PER_PX * 2 ** level;
    const grid = this.#gridFor(level);
    const canvas = this.#planes.canvas(grow(window, MARGIN), umPerPx);
    const area = scale(canvas, umPerPx);
    const empty = this.#isGlass(area, grid);
    if (!empty) this.#paint(canvas, area, level, grid);
    return empty ? photographGlass(window, level, this.#look) : photograph(canvas, window, level, grid, this.#look);
  }

  #isGlass(area: Rect, grid: FieldGrid): boolean {
    const step = Math.max(grid.spacing, area.width / 16);
    const wide = grow(area, step);
    for (let y = wide.y; y <= wide.y + wide.height + step; y += step) {
      for (let x = wide.x; x <= wide.x + wide.width + step; x += step) {
        if (grid.at(0, x, y) > -step) return false;
      }
    }
    return true;
  }

  #paint(canvas: Canvas, area: Rect, level: number, grid: FieldGrid): void {
    const coverage = this.#coverage;
    paintGround(canvas, grid, this.plan.anatomy.seed, { cells: level > DRAWS_CELLS, glands: level > DRAWS_GLANDS });
    if (level > DRAWS_GLANDS) return;
    const nuclei = new NucleusPainter(canvas, coverage);
    const glands = (level > DRAWS_CELLS ? this.#farGlands : this.plan.glands).touching(grow(area, 2));
    if (level > DRAWS_CELLS) {
      for (const gland of glands) paintGlandFar(canvas, coverage, gland);
      return;
    }
    for (const vessel of this.plan.vessels.touching(area)) paintVessel(canvas, coverage, vessel);
    for (const nucleus of this.plan.cells.near(area, LARGEST_NUCLEUS_UM)) nuclei.paint(nucleus);
    for (const gland of glands) paintGland(canvas, coverage, nuclei, gland);
    if (level <= 2) this.#grain(canvas);
  }

  /** The fine unevenness of everything that is stained. */
  #grain(canvas: Canvas): void {
    const { umPerPx: s, width, height, haematoxylin, eosin } = canvas;
    const grain = samplerOf(textures().grain, s);
    for (let row = 0, i = 0; row < height; row++) {
      const y = (canvas.y + row + 0.5) * s;
      for (let column = 0; column < width; column++, i++) {
        const h = haematoxylin[i] ?? 1;
        const e = eosin[i] ?? 1;
        if (h > 0.985 && e > 0.985) continue;
        const g = grain((canvas.x + column + 0.5) * s, y);
        haematoxylin[i] = h - 0.22 * g * h * (1 - h);
        eosin[i] = e - 0.4 * g * e * (1 - e);
      }
    }
  }
}
