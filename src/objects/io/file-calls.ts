// What the file worker offers. Objects move in batches, and each call waits for the one before: neither side runs ahead.
import type { MppXY } from '#units/units.ts';
import type { ObjectColumns } from '../columns.ts';
import type { SlideFrame } from './feature-objects.ts';
import type { ReadBatch } from './geojson-read.ts';
import type { OmeImage } from './ome-xml.ts';
import type { TableBatch, TableColumn } from './table.ts';

export interface GeoJsonAsked {
  readonly mpp: MppXY | undefined; // of level 0; without it areas are in pixels
  readonly gzip: boolean;
}

export interface TableAsked {
  readonly as: 'csv' | 'parquet';
  readonly columns: readonly TableColumn[];
  readonly about: Readonly<Record<string, string>>; // what the file says of itself, where it can
}

/** Rows of an image, from the top, channel by channel. */
export interface Strip {
  readonly channel: number;
  readonly values: Float32Array<ArrayBuffer>;
}

export interface LabelStrip {
  readonly strip: number;
  readonly objects: ObjectColumns; // all that reach into it
  readonly labels: Uint32Array<ArrayBuffer>;
}

export type FileCalls = {
  beginGeoJSON: { in: GeoJsonAsked; out: { file: number } };
  beginTable: { in: TableAsked; out: { file: number } };
  addRows: { in: { file: number; batch: TableBatch }; out: undefined };
  addObjects: { in: { file: number; objects: ObjectColumns }; out: undefined };
  beginImage: { in: OmeImage; out: { file: number } };
  addStrip: { in: { file: number } & Strip; out: undefined };
  addLabels: { in: { file: number; px: number } & LabelStrip; out: undefined };
  endFile: { in: { file: number }; out: Blob };
  readGeoJSON: { in: { from: Blob; slide: SlideFrame }; out: { file: number } };
  nextObjects: { in: { file: number }; out: ReadBatch | undefined }; // undefined at the end
  leave: { in: { file: number }; out: undefined };
};
