// Which patches there are to learn from, by which encoder, and how to get more.
import { IconBrain, IconSquareX } from '@tabler/icons-react';
import { useId } from 'react';
import { blocksOf } from '#analysis/feature-set.ts';
import { preferredBlock } from '../learn/row-sets.ts';
import { SmallButton } from '../small-button.tsx';
import type { RegionChoice } from '../stores/run-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import learn from '../styles/learn.module.css';
import parts from '../styles/parts.module.css';
import { bytes, count, measure, percent, plural } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { useEncoders } from './use-encoders.ts';
import { useLearn, useLearnt } from './use-learn.ts';

export function EmbedSection() {
  const { stores } = useDesk();
  const session = useLearn();
  const id = useId();
  const shelf = useEncoders();
  const mpp = usePicked(stores.slide, ({ open }) => open?.info.mpp);
  const isOpen = usePicked(stores.slide, ({ open }) => open !== undefined);
  const encoder = useLearnt((state) => state.encoder) ?? session.shownSet()?.features.encoder.id ?? shelf[0]?.id;
  const block = useLearnt((state) => state.block);
  const sets = useLearnt((state) => state.sets);
  const working = useLearnt((state) => state.working);
  const manifest = shelf.find((one) => one.id === encoder);
  const set = sets.find((one) => one.encoder === encoder);
  if (!isOpen) return <p className={`t3 ${css.p} ${css.gap}`}>No slide is open.</p>;
  const blocks = manifest ? blocksOf(manifest) : [];
  const embed = (region: RegionChoice): void => void session.embed(region);
  const off = !mpp || !manifest || working !== undefined;
  return (
    <section className={css.section} aria-label="Patches">
      <div className={learn.choices}>
        <label htmlFor={`${id}e`} className="t2">
          Encoder
        </label>
        <select
          id={`${id}e`}
          className={parts.select}
          value={encoder}
          onChange={(event) => session.choose(event.target.value, undefined)}
        >
          {shelf.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </select>
        <label htmlFor={`${id}b`} className="t2">
          Features
        </label>
        <select
          id={`${id}b`}
          className={parts.select}
          value={preferredBlock(blocks, block)?.name}
          onChange={(event) => encoder !== undefined && session.choose(encoder, event.target.value)}
        >
          {blocks.map(({ name, channels }) => (
            <option key={name} value={name}>
              {blockName(name)}, {channels} numbers
            </option>
          ))}
        </select>
      </div>
      <div className={learn.embed}>
        <span className="grow t2">
          {set
            ? `${plural(set.rows, 'patch', 'patches')} embedded${set.isKept ? ', kept on this disk' : ''}`
            : manifest
              ? `No patch is embedded yet. The model has ${bytes(manifest.bytes)}.`
              : 'No encoder is at hand.'}
          {set?.secondsPerPatch !== undefined && `, ${measure(1 / set.secondsPerPatch)} a second`}
        </span>
        {(['view', 'tissue'] as const).map((region) => (
          <SmallButton
            key={region}
            kind={region === 'view' && !set ? 'main' : 'plain'}
            icon={IconBrain}
            off={off}
            onClick={() => embed(region)}
          >
            {region === 'view' ? 'Embed the view' : 'Embed all tissue'}
          </SmallButton>
        ))}
      </div>
      {!mpp && <p className={`t2 ${css.p}`}>Set the pixel size first: an encoder reads patches of a fixed size.</p>}
      <Working />
    </section>
  );
}

function Working() {
  const { stores } = useDesk();
  const session = useLearn();
  const working = useLearnt((state) => state.working);
  const progress = useLearnt((state) => state.progress);
  const embedding = usePicked(stores.attention, (state) => state.embedding);
  if (working === undefined) return null;
  const text = !embedding
    ? `${working}${progress === undefined ? '.' : `: ${percent(progress)}`}`
    : embedding.phase === 'loading'
      ? `Loading the encoder: ${bytes(embedding.loadedBytes)}${embedding.totalBytes ? ` of ${bytes(embedding.totalBytes)}` : ''}`
      : `Embedding ${count(embedding.done)} of ${plural(embedding.total, 'patch', 'patches')}`;
  return (
    <div className={learn.working} role="status">
      <span className="grow">{text}</span>
      <SmallButton icon={IconSquareX} onClick={() => session.cancel()}>
        Cancel
      </SmallButton>
    </div>
  );
}

/** block3 → Block 3; other names as they are. */
export const blockName = (name: string): string => name.replace(/^block(\d+)$/, 'Block $1');
