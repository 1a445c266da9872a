// Small DICOM whole-slide files made to order: JPEG frames or bare grey of 16 bits, TILED_FULL, explicit little-endian.

export interface DicomOptions {
  readonly matrix: readonly [columns: number, rows: number];
  readonly frame: readonly [columns: number, rows: number];
  readonly frames: readonly Uint8Array[];
  readonly uid: string;
  readonly kind?: string; // the third value of the image type
  readonly spacingMm?: number;
  readonly series?: string;
  readonly container?: string; // what the glass is called
  readonly depthUm?: number; //   of all frames
  /** Which part of a picture of several files it is, from 1; where its frames begin is left out by some. */
  readonly part?: { readonly of: string; readonly number: number; readonly count: number; readonly offset?: number };
  readonly sopClass?: string;
  /** The frames are bare samples, little-endian. */
  readonly isDeepGrey?: boolean;
}

const LONG = new Set(['OB', 'SQ', 'OW']);
const text = (value: string, pad: number): number[] => {
  const bytes = [...new TextEncoder().encode(value)];
  return bytes.length % 2 === 0 ? bytes : [...bytes, pad];
};
const number = (value: number, size: 2 | 4): number[] =>
  Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** i) % 256);

function element(group: number, id: number, vr: string, value: readonly number[]): number[] {
  const head = [...number(group, 2), ...number(id, 2), ...text(vr, 0)];
  return LONG.has(vr)
    ? [...head, 0, 0, ...number(value.length, 4), ...value]
    : [...head, ...number(value.length, 2), ...value];
}

const item = (bytes: readonly number[]): number[] => [0xfe, 0xff, 0x00, 0xe0, ...number(bytes.length, 4), ...bytes];

export function dicomBytes(options: DicomOptions): Uint8Array<ArrayBuffer> {
  const { matrix, frame, frames, uid, kind = 'VOLUME', spacingMm = 0.0005, depthUm, part, isDeepGrey } = options;
  const sop = text(options.sopClass ?? '1.2.840.10008.5.1.4.1.1.77.1.6', 0);
  const meta = [
    ...element(2, 0x02, 'UI', sop),
    ...element(2, 0x03, 'UI', text(uid, 0)),
    ...element(2, 0x10, 'UI', text(isDeepGrey ? '1.2.840.10008.1.2.1' : '1.2.840.10008.1.2.4.50', 0)),
  ];
  const measures = element(0x28, 0x9110, 'SQ', item(element(0x28, 0x30, 'DS', text(`${spacingMm}\\${spacingMm}`, 32))));
  const position =
    depthUm === undefined ? [] : element(0x48, 0x21a, 'SQ', item(element(0x40, 0x74a, 'DS', text(`${depthUm}`, 32))));
  const body = [
    ...element(0x08, 0x08, 'CS', text(`ORIGINAL\\PRIMARY\\${kind}\\NONE`, 32)),
    ...element(0x08, 0x16, 'UI', sop),
    ...element(0x08, 0x18, 'UI', text(uid, 0)),
    ...element(0x08, 0x60, 'CS', text('SM', 32)),
    ...element(0x20, 0x0d, 'UI', text('1.2.3', 0)),
    ...element(0x20, 0x0e, 'UI', text(options.series ?? '1.2.3.4', 0)),
    ...(part
      ? [
          ...element(0x20, 0x9161, 'UI', text(part.of, 0)),
          ...element(0x20, 0x9162, 'US', number(part.number, 2)),
          ...element(0x20, 0x9163, 'US', number(part.count, 2)),
          ...(part.offset === undefined ? [] : element(0x20, 0x9228, 'UL', number(part.offset, 4))),
        ]
      : []),
    ...element(0x20, 0x9311, 'CS', text('TILED_FULL', 32)),
    ...element(0x28, 0x02, 'US', number(isDeepGrey ? 1 : 3, 2)),
    ...element(0x28, 0x04, 'CS', text(isDeepGrey ? 'MONOCHROME2' : 'YBR_FULL_422', 32)),
    ...element(0x28, 0x06, 'US', number(0, 2)),
    ...element(0x28, 0x08, 'IS', text(String(frames.length), 32)),
    ...element(0x28, 0x10, 'US', number(frame[1], 2)),
    ...element(0x28, 0x11, 'US', number(frame[0], 2)),
    ...element(0x28, 0x100, 'US', number(isDeepGrey ? 16 : 8, 2)),
    ...element(0x28, 0x101, 'US', number(isDeepGrey ? 16 : 8, 2)),
    ...(options.container === undefined ? [] : element(0x40, 0x512, 'LO', text(options.container, 32))),
    ...element(0x48, 0x06, 'UL', number(matrix[0], 4)),
    ...element(0x48, 0x07, 'UL', number(matrix[1], 4)),
    ...element(0x5200, 0x9229, 'SQ', item([...measures, ...position])),
  ];
  const bare = (): number[] => {
    const samples = frames.flatMap((bytes) => [...bytes]);
    return [0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x57, 0, 0, ...number(samples.length, 4), ...samples];
  };
  const packed = (): number[] => [
    ...[0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff],
    ...item([]),
    ...frames.flatMap((bytes) => item(bytes.length % 2 === 0 ? [...bytes] : [...bytes, 0])),
    ...[0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0],
  ];
  const start = [...new Uint8Array(128), 0x44, 0x49, 0x43, 0x4d];
  return Uint8Array.from([
    ...start,
    ...element(2, 0, 'UL', number(meta.length, 4)),
    ...meta,
    ...body,
    ...(isDeepGrey ? bare() : packed()),
  ]);
}
