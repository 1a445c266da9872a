// One model's panel: what it is for and what limits it come before what it is made of.
import { IconArrowLeft } from '@tabler/icons-react';
import type { ModelManifest } from '#inference/manifest.ts';
import { FactRow } from '../inspector/fact-row.tsx';
import { chosenManifest } from '../stores/models-store.ts';
import { usePicked } from '../stores.ts';
import parts from '../styles/parts.module.css';
import css from '../styles/sheet.module.css';
import { bytes, count } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { Blocks } from './card-view.tsx';
import { MetricTable } from './metric-table.tsx';
import { SheetFrame } from './sheet.tsx';
import { useCard } from './use-card.ts';

export default function ModelSheet() {
  const { stores, invoke } = useDesk();
  const manifest = usePicked(
    stores.models,
    (state) => state.manifests.find(({ id }) => id === state.about) ?? chosenManifest(state),
  );
  const card = useCard(manifest?.id);
  if (!manifest) return null;
  const { metrics, data } = manifest;
  return (
    <SheetFrame title={`${manifest.name} ${manifest.version}`}>
      <button
        type="button"
        className={`${parts.button} ${parts.small} ${parts.quiet}`}
        style={{ marginLeft: -8 }}
        onClick={() => invoke('models.choose')}
      >
        <IconArrowLeft size={14} stroke={1.6} aria-hidden />
        All models
      </button>
      <h2>Intended use</h2>
      {card && card.intro.length > 0 ? (
        <Blocks of={card.intro} />
      ) : (
        <p>
          {manifest.summary} <strong className="b">For research only, not for diagnosis.</strong>
        </p>
      )}
      {card && card.limits.length > 0 && (
        <>
          <h2>Limits</h2>
          <Blocks of={card.limits} />
        </>
      )}
      <h2>Figures</h2>
      {metrics.length === 0 ? <p className="t2">Its manifest gives none.</p> : <MetricTable metrics={metrics} />}
      <h2>Terms</h2>
      <dl>
        <FactRow name="Licence" value={manifest.licence} />
        <FactRow name="Why" value={manifest.licenceNote} />
      </dl>
      <Network manifest={manifest} />
      <h2>Trained on</h2>
      <ul>
        {data.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {card && card.sections.length > 0 && (
        <>
          <h2>Card</h2>
          {card.sections.map(({ title, blocks }) => (
            <details key={title} className={css.part}>
              <summary>{title}</summary>
              <Blocks of={blocks} />
            </details>
          ))}
        </>
      )}
    </SheetFrame>
  );
}

function Network({ manifest }: { manifest: ModelManifest }) {
  const { input } = manifest;
  return (
    <>
      <h2>Network</h2>
      <dl>
        <FactRow name="Size" value={`${bytes(manifest.bytes)}, ${count(manifest.parameters)} parameters`} />
        {'mpp' in input ? (
          <>
            <FactRow name="Works at" value={`${input.mpp} µm a pixel, windows of ${input.window} px`} />
            <FactRow name="Cost" value={`${manifest.gflopPerMegapixel} GFLOP a megapixel`} />
          </>
        ) : (
          <FactRow
            name="Reads"
            value={`${input.channels} features a patch: ${input.encoder.output} of ${input.encoder.id}, SHA-256 ${input.encoder.sha256.slice(0, 8)}`}
          />
        )}
        <FactRow name="SHA-256" value={manifest.sha256} />
      </dl>
    </>
  );
}
