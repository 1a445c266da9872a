// Slidedat.ini of a MIRAX slide: how its photos were cut into images, and which records of the index hold what.
// The format is described at openslide.org/formats/mirax.

/** A level. */
export interface Zoom {
  readonly concat: number; // images of the camera, to a side, that one stored image holds made smaller: a power of two
  readonly width: number; //  px of a stored image
  readonly height: number;
  readonly format: string; // 'JPEG', 'PNG', 'BMP24', ...
}

export type PictureName = 'macro' | 'label' | 'thumbnail';

/** What the file says, within limits. */
export interface Slidedat {
  readonly id: string;
  readonly across: number; //    images of the camera; a multiple of `divisions` where they are whole photos
  readonly down: number;
  readonly divisions: number; // images in a photo, to a side
  readonly overlap: { readonly x: number; readonly y: number }; // px, of photos beside each other, where no place is said of each
  readonly mpp: { readonly x: number; readonly y: number }; //     NaN where that is not said
  readonly objective: number;
  readonly zooms: readonly Zoom[]; // largest first
  readonly indexFile: string;
  readonly dataFiles: readonly string[];
  /** The record that says where each photo lies. */
  readonly places: { readonly record: number; readonly isPacked: boolean } | undefined;
  readonly pictures: ReadonlyMap<PictureName, number>; // records
  readonly version: string;
}

const MOST_IMAGES = 2 ** 22; //   of the camera: 500,000 × 500,000 px in images of 256
const MOST_ZOOMS = 16;
const MOST_RECORDS = 1024;
const MOST_DATA_FILES = 10_000;
const MOST_SIDE = 4096; //        px of a stored image

const PICTURES: Readonly<Record<string, PictureName>> = {
  ScanDataLayer_SlideThumbnail: 'macro',
  ScanDataLayer_SlideBarcode: 'label',
  ScanDataLayer_SlidePreview: 'thumbnail',
};

/** @throws Error that says what is missing, as the end of "whose Slidedat.ini …" */
export function slidedatIn(ini: string): Slidedat {
  const groups = groupsIn(ini);
  const said = (group: string, key: string): string | undefined => groups.get(group)?.get(key);
  const text = (group: string, key: string): string => {
    const value = said(group, key);
    if (value === undefined || value === '') throw new Error(`says no ${key}`);
    return value;
  };
  const whole = (group: string, key: string, least: number, most: number, absent?: number): number => {
    const told = absent === undefined ? text(group, key) : said(group, key);
    const value = told === undefined ? absent : Number(told);
    if (value === undefined || !Number.isInteger(value) || value < least || value > most)
      throw new Error(`says ${key} = ${String(told).slice(0, 40)}`);
    return value;
  };
  const real = (group: string, key: string): number => Number.parseFloat(said(group, key) ?? '');
  const HIERARCHICAL = 'HIERARCHICAL';
  const across = whole('GENERAL', 'IMAGENUMBER_X', 1, MOST_IMAGES);
  const down = whole('GENERAL', 'IMAGENUMBER_Y', 1, MOST_IMAGES);
  if (across * down > MOST_IMAGES) throw new Error(`says that there are ${across} × ${down} images`);
  const divisions = whole('GENERAL', 'CameraImageDivisionsPerSide', 1, 64, 1);
  if (text(HIERARCHICAL, 'HIER_0_NAME') !== 'Slide zoom level') throw new Error('names no zoom levels first');
  const zooms: Zoom[] = [];
  let concat = 1;
  const sections = Array.from({ length: whole(HIERARCHICAL, 'HIER_0_COUNT', 1, MOST_ZOOMS) }, (_, i) =>
    text(HIERARCHICAL, `HIER_0_VAL_${i}_SECTION`),
  );
  for (const section of sections) {
    concat *= 2 ** whole(section, 'IMAGE_CONCAT_FACTOR', zooms.length === 0 ? 0 : 1, 8);
    const width = whole(section, 'DIGITIZER_WIDTH', 1, MOST_SIDE);
    const height = whole(section, 'DIGITIZER_HEIGHT', 1, MOST_SIDE);
    zooms.push({ concat, width, height, format: text(section, 'IMAGE_FORMAT') });
  }
  const [base = ''] = sections;
  const overlap = { x: real(base, 'OVERLAP_X') || 0, y: real(base, 'OVERLAP_Y') || 0 };
  const [{ width = 0, height = 0 } = {}] = zooms;
  const isOverlap = (shared: number, side: number): boolean => shared >= 0 && shared < side * divisions;
  if (!isOverlap(overlap.x, width) || !isOverlap(overlap.y, height))
    throw new Error(`says that photos share ${overlap.x} × ${overlap.y} px`);
  const records = recordsIn(said, whole(HIERARCHICAL, 'NONHIER_COUNT', 0, MOST_RECORDS, 0));
  const raw = records.get('VIMSLIDE_POSITION_BUFFER');
  const packed = records.get('StitchingIntensityLayer');
  const pictures = new Map<PictureName, number>();
  for (const [value, name] of Object.entries(PICTURES)) {
    const record = records.get(`Scan data layer/${value}`);
    if (record !== undefined) pictures.set(name, record);
  }
  return {
    id: text('GENERAL', 'SLIDE_ID'),
    across,
    down,
    divisions,
    overlap,
    mpp: { x: real(base, 'MICROMETER_PER_PIXEL_X'), y: real(base, 'MICROMETER_PER_PIXEL_Y') },
    objective: real('GENERAL', 'OBJECTIVE_MAGNIFICATION'),
    zooms,
    indexFile: text(HIERARCHICAL, 'INDEXFILE'),
    dataFiles: Array.from({ length: whole('DATAFILE', 'FILE_COUNT', 1, MOST_DATA_FILES) }, (_, i) =>
      text('DATAFILE', `FILE_${i}`),
    ),
    places:
      raw !== undefined
        ? { record: raw, isPacked: false }
        : packed === undefined
          ? undefined
          : { record: packed, isPacked: true },
    pictures,
    version: said('GENERAL', 'SLIDE_VERSION') ?? '',
  };
}

/** The numbers of the records beside the levels: by name for the first of that name, and by name and value. */
function recordsIn(said: (group: string, key: string) => string | undefined, names: number): Map<string, number> {
  const records = new Map<string, number>();
  let next = 0;
  for (let i = 0; i < names; i++) {
    const name = said('HIERARCHICAL', `NONHIER_${i}_NAME`) ?? '';
    const count = Number(said('HIERARCHICAL', `NONHIER_${i}_COUNT`));
    if (!Number.isInteger(count) || count < 0 || next + count > MOST_RECORDS) break;
    if (count > 0 && !records.has(name)) records.set(name, next);
    for (let k = 0; k < count; k++, next++) {
      const key = `${name}/${said('HIERARCHICAL', `NONHIER_${i}_VAL_${k}`)}`;
      if (!records.has(key)) records.set(key, next);
    }
  }
  return records;
}

/** Keys and values by group; of a key that is there twice the last, as such files are read. */
function groupsIn(text: string): Map<string, Map<string, string>> {
  const groups = new Map<string, Map<string, string>>();
  let group = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, name] = /^\s*\[([^\]]*)\]\s*$/.exec(line) ?? [];
    if (name !== undefined) {
      group = groups.get(name) ?? new Map();
      groups.set(name, group);
      continue;
    }
    const at = line.indexOf('=');
    if (at > 0) group.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  return groups;
}
