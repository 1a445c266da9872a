// Objects → GeoJSON in QuPath's dialect: detections in full-resolution pixels, one feature a line.
import { assert } from '#errors/failure.ts';
import type { MppXY } from '#units/units.ts';
import type { ObjectClass, ObjectColumns, ObjectKind } from '../columns.ts';

const NAMES: Record<ObjectKind, string | undefined> = {
  nuclei: 'nucleus',
  glands: 'gland',
  lumina: 'lumen',
  annotations: undefined, // its class says what it is
};
const ROWS_A_CHUNK = 512;

export interface GeoJsonOptions {
  readonly mpp: MppXY | undefined; // of level 0; without it areas are in pixels
  readonly signal: AbortSignal;
}

/** The file, piece by piece: memory does not grow with the number of objects. Ids depend on the content alone. */
export async function* geojsonText(
  batches: readonly ObjectColumns[],
  { mpp, signal }: GeoJsonOptions,
): AsyncGenerator<string, void, undefined> {
  yield '{"type":"FeatureCollection","features":[';
  let isFirst = true;
  for (const columns of batches) {
    const classes = columns.classes.map(classificationOf);
    for (let from = 0; from < columns.count; from += ROWS_A_CHUNK) {
      signal.throwIfAborted();
      const lines: string[] = [];
      for (let row = from; row < Math.min(columns.count, from + ROWS_A_CHUNK); row++) {
        lines.push(`${isFirst ? '\n' : ',\n'}${featureOf(columns, row, classes, mpp)}`);
        isFirst = false;
      }
      yield lines.join('');
    }
  }
  yield '\n]}\n';
}

/** The whole file as a blob, gzipped where asked. */
export async function exportGeoJSON(
  batches: readonly ObjectColumns[],
  options: GeoJsonOptions & { readonly gzip?: boolean },
): Promise<Blob> {
  const text = geojsonText(batches, options);
  const encoder = new TextEncoder();
  const bytes = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const next = await text.next();
      if (next.done) controller.close();
      else controller.enqueue(encoder.encode(next.value));
    },
    async cancel() {
      await text.return();
    },
  });
  const stream = options.gzip ? bytes.pipeThrough(new CompressionStream('gzip')) : bytes;
  const blob = await new Response(stream).blob();
  return new Blob([blob], { type: options.gzip ? 'application/gzip' : 'application/geo+json' });
}

const classificationOf = ({ name, color }: ObjectClass): string =>
  `"classification":${JSON.stringify({ name, color: rgbOf(color) })}`;

function rgbOf(color: string): [number, number, number] {
  const value = Number.parseInt(color.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function featureOf(columns: ObjectColumns, row: number, classes: readonly string[], mpp: MppXY | undefined): string {
  const { kind, centroid, ring, ringStart, ringUnit } = columns;
  const [cx, cy] = [centroid[2 * row] ?? 0, centroid[2 * row + 1] ?? 0];
  const from = ringStart[row] ?? 0;
  const to = ringStart[row + 1] ?? from;
  assert(to - from >= 3, `Outline ${row} of ${kind} has ${to - from} corners.`);
  const id = new ContentId(`${kind} ${classes[columns.classIndex[row] ?? 0] ?? ''}`);
  const points: string[] = [];
  for (let v = from; v < to; v++) {
    const x = Math.round((cx + (ring[2 * v] ?? 0) * ringUnit) * 100);
    const y = Math.round((cy + (ring[2 * v + 1] ?? 0) * ringUnit) * 100);
    id.add(x);
    id.add(y);
    points.push(`[${x / 100},${y / 100}]`);
  }
  points.push(points[0] ?? '');
  const area = (columns.areaPx[row] ?? 0) * (mpp ? mpp.x * mpp.y : 1);
  const name = NAMES[kind];
  const properties = [
    `"objectType":"${kind === 'annotations' ? 'annotation' : 'detection'}"`,
    ...(name === undefined ? [] : [`"name":"${name}"`]),
    classes[columns.classIndex[row] ?? 0] ?? '',
    `"measurements":{"Area ${mpp ? 'µm' : 'px'}^2":${rounded(area)},"Probability":${rounded(columns.probability[row] ?? 0)}}`,
  ];
  const geometry = `{"type":"Polygon","coordinates":[[${points.join(',')}]]}`;
  return `{"type":"Feature","id":"${id.uuid()}","geometry":${geometry},"properties":{${properties.filter(Boolean).join(',')}}}`;
}

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

/** 128 bits of what an object is, as a UUID of version 8 (RFC 9562): four FNV-1a lanes that start apart. */
class ContentId {
  readonly #lanes = Uint32Array.of(0x811c9dc5, 0x01000193, 0xdeadbeef, 0x9e3779b9);

  constructor(text: string) {
    for (let i = 0; i < text.length; i++) this.add(text.charCodeAt(i));
  }

  add(value: number): void {
    const lanes = this.#lanes;
    for (let lane = 0; lane < 4; lane++) {
      let hash = lanes[lane] ?? 0;
      for (let shift = 0; shift < 32; shift += 8) hash = Math.imul(hash ^ ((value >>> shift) & 255), 0x01000193);
      lanes[lane] = hash ^ (hash >>> (13 + lane));
    }
  }

  uuid(): string {
    const lanes = this.#lanes;
    lanes[1] = ((lanes[1] ?? 0) & 0xffff0fff) | 0x8000;
    lanes[2] = ((lanes[2] ?? 0) & 0x3fffffff) | 0x80000000;
    const hex = Array.from(lanes, (lane) => lane.toString(16).padStart(8, '0')).join('');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }
}
