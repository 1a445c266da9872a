// Objects → GeoJSON in QuPath's dialect, in full-resolution pixels, one feature a line. What QuPath has no place for stands in a
// member of our own, by which the file gives back the same objects bit for bit.
import { assert } from '#errors/failure.ts';
import type { MppXY } from '#units/units.ts';
import type { ObjectClass, ObjectColumns, ObjectKind } from '../columns.ts';
import { type Extras, entriesOf, measuredOf, type Note } from '../extras.ts';
import { ByteText, bytesOf, singleText } from './byte-text.ts';
import { ContentId } from './content-id.ts';

const KIND_NAMES: Record<ObjectKind, string | undefined> = {
  nuclei: 'nucleus',
  glands: 'gland',
  lumina: 'lumen',
  annotations: undefined, // its class says what it is
};

const HEAD = '{"type":"FeatureCollection","features":[';
const TAIL = '\n]}\n';

interface Span {
  readonly from: number; //    vertices
  readonly end: number; //     not included
  readonly closed: boolean; // the first once more at the end
}

const NOTHING = new Uint8Array(0);
const [AREA_UM, AREA_PX] = [bytesOf('"Area µm^2":'), bytesOf('"Area px^2":')];

/** Writes features one after the other; whoever owns it takes the bytes away in between. */
export class FeatureWriter {
  readonly #out = new ByteText();
  readonly #mpp: MppXY | undefined;
  #count = 0;

  /** @param mpp of level 0; without it areas are in pixels */
  constructor(mpp: MppXY | undefined) {
    this.#mpp = mpp;
    this.#out.text(HEAD);
  }

  /** All rows of a batch, which is borrowed. */
  write(columns: ObjectColumns): void {
    const classes = columns.classes.map(classificationOf);
    const seeds = classes.map((of) => new ContentId(`${columns.kind} ${of}`));
    const starts = classes.map((of) => propertiesStart(columns.kind, of));
    for (let row = 0; row < columns.count; row++) {
      const index = columns.classIndex[row] ?? 0;
      const id = (seeds[index] ?? new ContentId(columns.kind)).copy();
      this.#feature(columns, row, id, starts[index] ?? NOTHING);
    }
  }

  end(): void {
    this.#out.text(TAIL);
  }

  get length(): number {
    return this.#out.length;
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.#out.take();
  }

  #feature(columns: ObjectColumns, row: number, id: ContentId, properties: Uint8Array): void {
    const out = this.#out;
    const note = columns.extras?.notes.get(row);
    out.ascii(this.#count++ === 0 ? '\n{"type":"Feature","geometry":' : ',\n{"type":"Feature","geometry":');
    this.#geometry(columns, row, note, id);
    out.ascii(',"id":"');
    id.write(out);
    out.ascii('",');
    out.bytes(properties);
    this.#measurements(columns, row);
    out.ascii('}');
    if (note) out.text(noteText(note));
    const [cx, cy] = [columns.centroid[2 * row] ?? 0, columns.centroid[2 * row + 1] ?? 0];
    const [areaPx, probability] = [columns.areaPx[row] ?? 0, columns.probability[row] ?? 0];
    out.ascii(`},"eosin":[${cx},${cy},${singleText(areaPx)},${singleText(probability)}]}`);
  }

  #measurements(columns: ObjectColumns, row: number): void {
    const area = (columns.areaPx[row] ?? 0) * (this.#mpp ? this.#mpp.x * this.#mpp.y : 1);
    this.#out.bytes(this.#mpp ? AREA_UM : AREA_PX);
    this.#out.parts(Math.round(area * 1e4), 4);
    if (columns.kind !== 'annotations') {
      this.#out.ascii(',"Probability":');
      this.#out.parts(Math.round((columns.probability[row] ?? 0) * 1e4), 4);
    }
    for (const [name, value] of measuredOf(columns.extras, row))
      this.#out.text(`,${JSON.stringify(name)}:${Number.isFinite(value) ? value : `"${value}"`}`);
  }

  #geometry(columns: ObjectColumns, row: number, note: Note | undefined, id: ContentId): void {
    const out = this.#out;
    if (note?.shape === 'point') {
      const [x, y] = [columns.centroid[2 * row] ?? 0, columns.centroid[2 * row + 1] ?? 0];
      id.add(Math.round(x * 100));
      id.add(Math.round(y * 100));
      out.ascii(`{"type":"Point","coordinates":[${x},${y}]}`);
      return;
    }
    const from = columns.ringStart[row] ?? 0;
    const end = columns.ringStart[row + 1] ?? from;
    if (note?.shape === 'line') {
      out.ascii('{"type":"LineString","coordinates":');
      this.#ring(columns, row, columns.ring, { from, end: from + (end - from) / 2 + 1, closed: false }, id);
      out.ascii('}');
      return;
    }
    assert(end - from >= 3, `Outline ${row} of ${columns.kind} has ${end - from} corners.`);
    out.ascii('{"type":"Polygon","coordinates":[');
    this.#ring(columns, row, columns.ring, { from, end, closed: true }, id);
    if (columns.extras) this.#holes(columns, row, columns.extras, id);
    out.ascii(']}');
  }

  #holes(columns: ObjectColumns, row: number, { holes }: Extras, id: ContentId): void {
    for (let [k, to] = entriesOf(holes.row, row); k < to; k++) {
      this.#out.ascii(',');
      const [from, end] = [holes.start[k] ?? 0, holes.start[k + 1] ?? 0];
      this.#ring(columns, row, holes.ring, { from, end, closed: true }, id);
    }
  }

  /** Offsets from the object's centroid, from one vertex up to another. */
  #ring(columns: ObjectColumns, row: number, ring: Int16Array | Float32Array, span: Span, id: ContentId): void {
    const [cx, cy] = [columns.centroid[2 * row] ?? 0, columns.centroid[2 * row + 1] ?? 0];
    const isFine = ring instanceof Int16Array;
    const unit = isFine ? columns.ringUnit : 1;
    const { from, end, closed } = span;
    const out = this.#out;
    for (let k = from; k < end + (closed ? 1 : 0); k++) {
      const v = k === end ? from : k;
      out.ascii(k === from ? '[[' : ',[');
      this.#along(cx, (ring[2 * v] ?? 0) * unit, isFine, k === end ? undefined : id);
      out.ascii(',');
      this.#along(cy, (ring[2 * v + 1] ?? 0) * unit, isFine, k === end ? undefined : id);
      out.ascii(']');
    }
    out.ascii(']');
  }

  /** Two decimals, from which the reader gets the same offset; all there are for corners that no builder has made. */
  #along(centre: number, offset: number, isFine: boolean, id: ContentId | undefined): void {
    const at = centre + offset;
    const hundredths = Math.round(at * 100);
    id?.add(hundredths);
    if (isFine || Math.fround(hundredths / 100 - centre) === offset) this.#out.parts(hundredths, 2);
    else this.#out.ascii(String(at));
  }
}

function propertiesStart(kind: ObjectKind, classification: string): Uint8Array {
  const name = KIND_NAMES[kind];
  const type = kind === 'annotations' ? 'annotation' : 'detection';
  return bytesOf(
    `"properties":{"objectType":"${type}"${name ? `,"name":"${name}"` : ''},${classification},"measurements":{`,
  );
}

const classificationOf = ({ name, color }: ObjectClass): string =>
  `"classification":${JSON.stringify({ name, color: rgbOf(color) })}`;

function rgbOf(color: string): [number, number, number] {
  const value = Number.parseInt(color.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function noteText({ name, isLocked, metadata }: Note): string {
  return [
    ...(name === undefined ? [] : [`,"name":${JSON.stringify(name)}`]),
    ...(isLocked ? [',"isLocked":true'] : []),
    ...(metadata ? [`,"metadata":${JSON.stringify(metadata)}`] : []),
  ].join('');
}
