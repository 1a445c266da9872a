// Where everything on one slide is: what truth tells and painting draws. Pure: the seed says it all.
import { Anatomy } from './anatomy.ts';
import { Cells } from './cells.ts';
import { FieldGrid } from './field-grid.ts';
import { Frame } from './gland-shape.ts';
import { Glands } from './glands.ts';
import { Vessels } from './vessels.ts';

export const UM_PER_PX = 0.25; // of level 0
const LATTICE_UM = 16; // between the points at which the anatomy is computed

export class Plan {
  readonly anatomy: Anatomy;
  readonly grid: FieldGrid;
  readonly frame: Frame;
  readonly glands: Glands;
  readonly vessels: Vessels;
  readonly cells: Cells;

  constructor(seed: number) {
    this.anatomy = new Anatomy(seed);
    this.grid = new FieldGrid(this.anatomy, LATTICE_UM);
    this.frame = new Frame(this.anatomy);
    this.glands = new Glands(this.anatomy.seed, this.frame, this.grid);
    this.vessels = new Vessels(this.anatomy.seed, this.grid, this.glands);
    this.cells = new Cells(this.anatomy.seed, this.grid, this.glands, this.vessels);
  }
}
