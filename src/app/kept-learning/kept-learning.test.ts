// Features and labels, kept on a disk that outlives the window.
import { expect, test } from 'vitest';
import type { EmbedEnd, EmbedEvent } from '#analysis/embed.ts';
import { FeatureSet } from '#analysis/feature-set.ts';
import { parsePatchManifest } from '#inference/parse-manifest.ts';
import { memoryStorage } from '#storage/open-storage.ts';
import { mpp } from '#units/units.ts';
import simclr from '../../../public/models/resnet18-simclr/model.json';
import { Labels } from '../learn/labels.ts';
import { stubSlide } from '../testing/stub-slide.ts';
import { FeatureKeeper } from './feature-keeper.ts';
import { type KeptHead, LabelKeeper, type LearningKept } from './label-keeper.ts';
import { LearningShelf } from './learning-shelf.ts';

const encoder = parsePatchManifest(simclr);
const { signal } = new AbortController();
const waits = { signal };
const MPP = { x: mpp(0.5), y: mpp(0.5) };
const slide = stubSlide('a1b2c3d4');

const rowOf = (k: number) => ({ x: k * 224.1, y: 0.3 * k, width: 224.1, height: 224.1 });

/** Embeds so many rows of made-up features into a set, as embed() tells of them. */
async function* embedding(set: FeatureSet, rows: number): AsyncGenerator<EmbedEvent, EmbedEnd, undefined> {
  yield { kind: 'planned', patches: rows };
  for (let k = set.rows; k < rows; k++) {
    const box = rowOf(k);
    const outputs = set.blocks.map(({ name, channels }) => {
      const data = Float32Array.from({ length: channels }, (_, c) => Math.fround(Math.sin(k * 31 + c)));
      return [name, { dims: [1, channels], data }] as const;
    });
    const row = set.add(`${box.x},${box.y},${box.width}`, box, Object.fromEntries(outputs));
    yield { kind: 'embedded', row, box };
  }
  return { embedded: rows, failed: 0, failure: undefined };
}

function keeperOn(shelf: LearningShelf) {
  const told: string[] = [];
  return {
    keeper: new FeatureKeeper(
      async () => shelf,
      (why) => told.push(why),
    ),
    told,
  };
}

async function embedAll(keeper: FeatureKeeper, set: FeatureSet, rows: number, stop = rows): Promise<void> {
  let seen = 0;
  for await (const event of keeper.saving(embedding(set, rows), set))
    if (event.kind === 'embedded' && ++seen === stop) break;
}

test('what was embedded is there in the next window, bit for bit, under the same keys', async () => {
  const shelf = new LearningShelf(memoryStorage());
  const first = keeperOn(shelf);
  const set = new FeatureSet(encoder);
  await first.keeper.restore({ slide, mpp: MPP, set }, waits);
  await embedAll(first.keeper, set, 50, 40); // left in the middle
  first.keeper.forget();
  await expect.poll(() => set.rows).toBe(40);

  const next = keeperOn(shelf);
  const again = new FeatureSet(encoder);
  await expect
    .poll(async () => {
      next.keeper.forget(); // the first may not have let go of it yet
      await next.keeper.restore({ slide, mpp: MPP, set: again }, waits);
      return again.rows;
    })
    .toBe(40);
  for (const { name } of set.blocks) expect(again.values(name)).toEqual(set.values(name));
  expect(again.boxes).toEqual(set.boxes);
  const { x, y, width } = rowOf(39);
  expect(again.rowOf(`${x},${y},${width}`)).toBe(39);
  await embedAll(next.keeper, again, 50);
  expect([again.rows, first.told]).toEqual([50, []]);
});

test('features of another pixel size, stride, kind or version of the encoder are others', async () => {
  const shelf = new LearningShelf(memoryStorage());
  const { keeper } = keeperOn(shelf);
  const set = new FeatureSet(encoder);
  await keeper.restore({ slide, mpp: MPP, set }, waits);
  await embedAll(keeper, set, 20);
  for (const other of [
    { slide, mpp: { x: mpp(0.25), y: mpp(0.25) }, set: new FeatureSet(encoder) },
    { slide, mpp: MPP, stridePx: 100, set: new FeatureSet(encoder) },
    { slide, mpp: MPP, of: 'nuclei', set: new FeatureSet(encoder) },
    { slide, mpp: MPP, set: new FeatureSet({ ...encoder, sha256: 'e'.repeat(64) }) },
  ]) {
    await keeper.restore(other, waits);
    expect(other.set.rows).toBe(0);
  }
});

test('a window that finds them in use embeds in memory, and says so', async () => {
  const shelf = new LearningShelf(memoryStorage());
  const [first, second] = [keeperOn(shelf), keeperOn(shelf)];
  await first.keeper.restore({ slide, mpp: MPP, set: new FeatureSet(encoder) }, waits);
  const set = new FeatureSet(encoder);
  await second.keeper.restore({ slide, mpp: MPP, set }, waits);
  expect(second.told[0]).toMatch(/Another tab/);
  await embedAll(second.keeper, set, 20);
  expect(set.rows).toBe(20);
});

test('labels are there again; those of another slide are not', async () => {
  const shelf = new LearningShelf(memoryStorage());
  const told: string[] = [];
  const open = () => {
    const labels: Labels = new Labels(() => keeper.changed());
    let heads: readonly KeptHead[] = [];
    const source = {
      kept: () => ({ ...labels.kept(), heads }),
      restore: (kept: LearningKept) => {
        heads = kept.heads;
        labels.restore(kept);
      },
    };
    const keeper = new LabelKeeper(
      async () => shelf,
      source,
      (why) => told.push(why),
    );
    const setHeads = (next: readonly KeptHead[]): void => {
      heads = next;
      keeper.changed();
    };
    return { labels, keeper, source, setHeads };
  };
  const first = open();
  await first.keeper.open(slide);
  first.labels.label(['1,2,3', '4,5,6'], first.labels.addClass('Tumour'));
  first.labels.label(['4,5,6'], first.labels.addClass('Stroma'));
  first.setHeads([{ encoder: 'resnet18-simclr', block: 'block3', hidden: 64 }]);
  await first.keeper.written();
  first.keeper.forget();

  const next = open();
  await expect
    .poll(async () => {
      next.keeper.forget();
      await next.keeper.open(slide);
      return next.source.kept();
    })
    .toEqual(first.source.kept());
  expect(next.labels.canUndo).toBe(false);
});
