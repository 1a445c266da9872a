// A core's place on the grid that starts at the slide's origin.

export interface CoreAt {
  readonly col: number;
  readonly row: number;
}

/** Columns and rows of cores, the ends not included. */
export interface CoreSpan {
  readonly from: CoreAt;
  readonly to: CoreAt;
}
