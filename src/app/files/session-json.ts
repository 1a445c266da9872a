// What a session file says of itself: parsed strictly, with a version. Versions are numbered without gaps; a later one is refused.

import { isMask } from '#analysis/region.ts';
import { type RegionJson, regionFromJson, regionToJson } from '#analysis/region-json.ts';
import type { ObjectClass } from '#objects/columns.ts';
import type { Ruler } from '#viewer/viewer-api.ts';
import type { VectorsChosen } from '../measures/parse-vectors.ts';
import type { Drawn } from '../stores/region-store.ts';
import { type CompareOfSession, compareOf } from './session-compare.ts';
import { Fields } from './session-fields.ts';
import { type PaneOfSession, paneOf } from './session-panes.ts';
import { parseStains } from './session-stains.ts';
import { notOurs } from './stored-zip.ts';

/**
 * 2 added what was learnt and stains, each where there is any: a file of 1 is one without. 3 added the rest of how layers are
 * drawn (thresholds, colours, the map's channel, scale and interpolation, attention, the slide) and the right one of two panes:
 * what an earlier file does not say stays as it is on screen. 4 added what is compared with what.
 */
export const SCHEMA = 4;

/** A run that made what is on the slide, as the report tells it. */
export interface RunOfSession {
  readonly id: string;
  readonly model: { readonly id: string; readonly sha256: string };
  readonly region: string;
  readonly created: string; //  ISO 8601
  readonly patches: number;
  readonly failed: number;
  readonly views?: number; //   of each patch, where it is not one
}

export interface SessionJson extends PaneOfSession {
  readonly schema: number;
  readonly program: string; // 'Eosin 1.2.3'
  readonly saved: string; //   ISO 8601
  readonly slide: {
    readonly name: string;
    readonly fingerprint: string;
    readonly widthPx: number;
    readonly heightPx: number;
    readonly mpp: { readonly x: number; readonly y: number } | undefined;
  };
  readonly runs: readonly RunOfSession[];
  readonly kinds: readonly string[]; // that runs have looked for
  readonly counts: Readonly<Record<string, number>>;
  readonly tissueClasses: readonly ObjectClass[] | undefined;
  readonly right: PaneOfSession | undefined; // while two panes stand side by side; of versions before 3 none
  readonly compared?: CompareOfSession | null | undefined; // null: nothing; of versions before 4 not said
  readonly drawn: RegionJson | undefined; // what is to be analysed, where somebody drew it
  readonly lines: readonly Ruler[]; // measured, level-0 px; of version 1 none
  readonly stains: VectorsChosen | undefined; // where measures were looked at
  readonly view:
    | {
        readonly x: number;
        readonly y: number;
        readonly zoom: number;
        readonly rotation: number;
        readonly flipped: boolean; // of earlier files false
      }
    | undefined;
}

/** @throws EosinError BadInput where it is none, or of a later version */
export function parseSession(text: string): SessionJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    if (cause instanceof SyntaxError) throw notOurs('its description is no JSON');
    throw cause;
  }
  const read = new Fields(value);
  const schema = read.number('schema');
  if (!Number.isInteger(schema) || schema < 1) throw notOurs(`its version is ${schema}, which there is not`);
  if (schema > SCHEMA)
    throw notOurs(`it is of version ${schema}, and this Eosin reads up to ${SCHEMA}`, 'Open it with a newer Eosin.');
  const slide = read.inner('slide');
  const size = slide.has('mpp') ? slide.inner('mpp') : undefined;
  const view = read.has('view') ? read.inner('view') : undefined;
  return {
    schema,
    program: read.text('program'),
    saved: read.text('saved'),
    slide: {
      name: slide.text('name'),
      fingerprint: slide.text('fingerprint'),
      widthPx: slide.number('widthPx'),
      heightPx: slide.number('heightPx'),
      mpp: size && { x: size.number('x'), y: size.number('y') },
    },
    runs: read.list('runs').map((run) => ({
      id: run.text('id'),
      model: { id: run.inner('model').text('id'), sha256: run.inner('model').text('sha256') },
      region: run.text('region'),
      created: run.text('created'),
      patches: run.number('patches'),
      failed: run.number('failed'),
      ...(run.has('views') && { views: run.number('views') }),
    })),
    kinds: read.texts('kinds'),
    counts: Object.fromEntries(
      read
        .inner('counts')
        .keys()
        .map((key) => [key, read.inner('counts').number(key)]),
    ),
    tissueClasses: read.has('tissueClasses')
      ? read.list('tissueClasses').map((of) => ({ name: of.text('name'), color: of.color('color') }))
      : undefined,
    ...paneOf(read),
    right: read.has('right') ? paneOf(read.inner('right')) : undefined,
    compared: comparedOf(read),
    drawn: read.has('drawn') ? regionToJson(drawnOf(read.value('drawn'))) : undefined,
    lines: read.has('lines') ? read.list('lines').map(lineOf) : [],
    stains: read.has('stains') ? parseStains(read.value('stains')) : undefined,
    view: view && {
      x: view.number('x'),
      y: view.number('y'),
      zoom: view.number('zoom'),
      rotation: view.number('rotation'),
      flipped: view.has('flipped') && view.flag('flipped'),
    },
  };
}

const comparedOf = (read: Fields): CompareOfSession | null | undefined =>
  read.has('compared') ? (read.value('compared') === null ? null : compareOf(read.inner('compared'))) : undefined;

/** @throws EosinError BadInput where it is none that can be drawn */
export function drawnOf(json: unknown): Drawn {
  const region = regionFromJson(json);
  if (isMask(region)) throw notOurs('its drawn region is a mask');
  return region;
}

const lineOf = (of: Fields): Ruler => {
  const [from, to] = [of.inner('from'), of.inner('to')];
  return { from: { x: from.number('x'), y: from.number('y') }, to: { x: to.number('x'), y: to.number('y') } };
};
