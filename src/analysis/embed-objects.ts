// From objects to features: the network runs again over the patches that hold them, and what its `features` say is averaged
// over each object's mask, into a set. A run does not keep them: a slide's maps of features are a thousand times its objects.
import type { Waits } from '#channel/waits.ts';
import { EosinError, failureOf } from '#errors/failure.ts';
import type { PatchManifest } from '#inference/manifest.ts';
import type { LoadedModel, PatchOutputs } from '#inference/model.ts';
import { rowsOf } from '#objects/builder.ts';
import type { ObjectColumns, ObjectKind } from '#objects/columns.ts';
import type { Slide } from '#slide/slide.ts';
import type { Point, Rect } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';
import { type EmbedEnd, type EmbedEvent, keyOf } from './embed.ts';
import { FeatureSet } from './feature-set.ts';
import { featuresOf, tensorOf } from './outputs.ts';
import { PatchQueue } from './patch-queue.ts';
import { listed } from './patches.ts';
import { type PlannedPatch, planPatches } from './plan.ts';
import type { Postprocessor } from './postprocess/postprocessor.ts';
import { isIn, type Region } from './region.ts';
import type { Wait } from './retry.ts';
import { RowPlaces } from './row-places.ts';
import { attempt, throughStages } from './stages.ts';

const GIVE_UP_AFTER = 3; //            patches in a row that the slide or the device failed
const MOST_BYTES = 128 * 2 ** 20; //   of one kind's features: half a million nuclei of 64 numbers each

/** Side of the square that stands for an object of a kind, µm: it holds most of them, and what lies around. */
const SIDE_UM: Readonly<Record<ObjectKind, number>> = { nuclei: 16, glands: 160, lumina: 80, annotations: 160 };

/**
 * The square of an object, level-0 px, exact in eighths: its centre is the centroid, so it is the key of a row too.
 * @param mpp of level 0
 */
export function squareOf({ kind, centroid }: Pick<ObjectColumns, 'kind' | 'centroid'>, i: number, mpp: MppXY): Rect {
  const side = Math.max(2, Math.round(SIDE_UM[kind] / mpp.x));
  const at = (value = 0): number => Math.round(8 * value) / 8 - side / 2;
  return { x: at(centroid[2 * i]), y: at(centroid[2 * i + 1]), width: side, height: side };
}

/** An empty set for a model's objects of a kind. @throws EosinError BadInput where the model gives no features of places */
export function objectFeatures(manifest: PatchManifest, kind: ObjectKind): FeatureSet {
  const { channels } = featuresOutput(manifest);
  return new FeatureSet({
    id: manifest.id,
    sha256: manifest.sha256,
    outputs: [{ name: kind, kind: 'pooled', channels }],
  });
}

function featuresOutput(manifest: PatchManifest): NonNullable<ReturnType<typeof featuresOf>> {
  const output = featuresOf(manifest);
  if (output) return output;
  const seen = `${manifest.name} gives no features of places`;
  const todo = "Choose a model with an output of the kind 'features', such as Cerberus lite.";
  throw new EosinError({ tag: 'BadInput', what: 'The model', seen, todo });
}

export interface EmbedObjectsAsked {
  readonly slide: Slide;
  readonly mpp: MppXY; //                       of level 0
  readonly region: Region; //                   level-0 px: objects whose centroid lies in it, and what shares their patches
  readonly objects: ObjectColumns; //           lent, and not to change meanwhile
  readonly model: LoadedModel; //               lent
  readonly postprocess: Pick<Postprocessor, 'pool' | 'atOnce'>; // lent
  readonly set: FeatureSet; //                  takes the rows; what it holds already is not computed again
  readonly viewCentre: () => Point;
  readonly mostBytes?: number; //               of the set's features
  readonly wait?: Wait | undefined;
}

/**
 * As `embed`, one row an object; `planned` counts objects, `failed` is told once a patch. What was computed stands.
 * @throws the signal's reason; EosinError BadInput, before anything is told, where there is no object to read, or far too many
 */
export async function* embedObjects(
  asked: EmbedObjectsAsked,
  waits: Waits,
): AsyncGenerator<EmbedEvent, EmbedEnd, undefined> {
  waits.signal.throwIfAborted();
  const { slide, mpp, objects, model, postprocess, set, viewCentre, wait } = asked;
  const output = featuresOutput(model.manifest);
  const most = asked.mostBytes ?? MOST_BYTES;
  const inside = rowsInside(asked);
  checkSize(inside.length, output.channels, objects.kind, most);
  const { patches, owned } = planObjects(asked, inside);
  const planned = owned.reduce((sum, rows) => sum + rows.length, 0);
  checkSize(set.rows + planned, output.channels, objects.kind, most);
  yield { kind: 'planned', patches: planned };
  if (planned === 0) return { embedded: 0, failed: 0, failure: undefined };
  using queue = new PatchQueue(listed(patches), { looking: { centre: viewCentre }, wait });
  const pool = async (patch: PlannedPatch, index: number, outputs: PatchOutputs, during: Waits): Promise<number[]> => {
    const part = rowsOf(objects, owned[index] ?? []);
    const { data, dims } = tensorOf(model.manifest, outputs, output.name);
    const [, channels = 0, side = 0] = dims;
    if (!(data instanceof Float32Array)) throw new EosinError(notFloat(model.manifest.id, output.name));
    const { frame } = patch;
    const task = { frame, features: data, channels, side, stride: output.stride, objects: part };
    const means = await postprocess.pool(task, during);
    return Array.from({ length: part.count }, (_, k) => {
      const box = squareOf(part, k, mpp);
      const data = means.subarray(k * channels, (k + 1) * channels);
      return set.add(keyOf(box), box, { [objects.kind]: { dims: [1, channels], data } });
    });
  };
  const steps = throughStages(
    { slide, model, wait, outputs: [output.name] },
    queue.jobs(waits),
    (step, inner) => attempt(step, inner, (outputs) => pool(step.patch, step.index, outputs, inner)),
    postprocess.atOnce,
    waits,
  );
  let [embedded, failed, failedPatches, inARow] = [0, 0, 0, 0];
  try {
    for await (const { index, patch, got } of steps) {
      if ('unwanted' in got) continue;
      if ('value' in got) {
        queue.done(index);
        inARow = 0;
        for (const row of got.value) {
          embedded++;
          const [x = 0, y = 0, width = 0, height = 0] = set.boxes.subarray(4 * row, 4 * row + 4);
          yield { kind: 'embedded', row, box: { x, y, width, height } };
        }
        continue;
      }
      if (queue.failed(index, got.failure).again) continue;
      failed += owned[index]?.length ?? 0;
      failedPatches++;
      yield { kind: 'failed', box: patch.frame.core, failure: got.failure };
      const isHopeless = !got.isOfTile && ++inARow >= GIVE_UP_AFTER;
      if (isHopeless || failedPatches === patches.length) return { embedded, failed, failure: got.failure };
    }
  } catch (thrown) {
    waits.signal.throwIfAborted();
    return { embedded, failed, failure: failureOf(thrown) };
  }
  return { embedded, failed, failure: undefined };
}

/** Rows of the objects whose centroid lies in the region. @throws EosinError BadInput where there are none */
function rowsInside({ objects: { kind, count, centroid }, region }: EmbedObjectsAsked): number[] {
  const rows: number[] = [];
  for (let i = 0; i < count; i++) if (isIn(region, centroid[2 * i] ?? 0, centroid[2 * i + 1] ?? 0)) rows.push(i);
  if (rows.length > 0) return rows;
  const seen = `there are no ${kind} in the region`;
  throw new EosinError({ tag: 'BadInput', what: 'The objects', seen, todo: 'Analyse the region first.' });
}

function checkSize(rows: number, channels: number, kind: ObjectKind, mostBytes: number): void {
  const bytes = 4 * rows * channels;
  if (bytes <= mostBytes) return;
  const mb = (of: number): string => `${Math.ceil(of / 2 ** 20).toLocaleString('en')} MB`;
  const seen = `features of ${rows.toLocaleString('en')} ${kind} take ${mb(bytes)}, ${mb(mostBytes)} are allowed`;
  throw new EosinError({ tag: 'BadInput', what: 'The region', seen, todo: 'Read the view, or a smaller region.' });
}

/**
 * The patches that hold rows without features, cut as a run cuts them, and what each is to give: all objects of its core that
 * have none, asked for or not, so that no patch runs twice.
 */
function planObjects(
  { slide, mpp, objects, model, set, viewCentre }: EmbedObjectsAsked,
  inside: readonly number[],
): { readonly patches: readonly PlannedPatch[]; readonly owned: readonly (readonly number[])[] } {
  const { centroid, count } = objects;
  const places = new RowPlaces(set.boxes);
  const isMissing = (row: number): boolean =>
    places.rowAt(centroid[2 * row] ?? 0, centroid[2 * row + 1] ?? 0) === undefined;
  const missing = inside.filter(isMissing);
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const row of missing) {
    const [x = 0, y = 0] = [centroid[2 * row], centroid[2 * row + 1]];
    [x0, y0, x1, y1] = [Math.min(x0, x), Math.min(y0, y), Math.max(x1, x), Math.max(y1, y)];
  }
  const region = { x: x0, y: y0, width: x1 - x0 + 1, height: y1 - y0 + 1 };
  const input = { ...model.manifest.input, window: model.window };
  const { patches } = missing.length > 0 ? planPatches({ slide, mpp, region, input, viewCentre: viewCentre() }) : none;
  const [first] = patches;
  if (!first) return { patches: [], owned: [] };
  const { size, margin, pxX, pxY } = first.frame;
  const [coreX, coreY] = [(size - 2 * margin) * pxX, (size - 2 * margin) * pxY];
  const coreOf = (row: number): number =>
    coreAt(Math.floor((centroid[2 * row] ?? 0) / coreX), Math.floor((centroid[2 * row + 1] ?? 0) / coreY));
  const byCore = new Map(missing.map((row): [number, number[]] => [coreOf(row), []]));
  for (let row = 0; row < count; row++) {
    const of = byCore.get(coreOf(row));
    if (of && isMissing(row)) of.push(row);
  }
  const held = patches.flatMap((patch) => {
    const of = byCore.get(coreAt(patch.frame.col, patch.frame.row));
    return of ? [{ patch, of }] : [];
  });
  return { patches: held.map(({ patch }) => patch), owned: held.map(({ of }) => of) };
}

const none = { patches: [] } as const;
const coreAt = (col: number, row: number): number => row * 2 ** 20 + col;

const notFloat = (model: string, name: string) =>
  ({ tag: 'ModelWrong', model, device: 'The runtime', seen: `output '${name}' is not float32` }) as const;
