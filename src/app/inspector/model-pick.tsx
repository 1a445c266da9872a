// The model, what it costs to load, and the way to its panel.
import { useId, useMemo } from 'react';
import { describe } from '#errors/failure.ts';
import type { PatchManifest } from '#inference/manifest.ts';
import { chosenManifest, segmentations } from '../stores/models-store.ts';
import { OBJECT_LAYERS } from '../stores/objects-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import parts from '../styles/parts.module.css';
import { bytes } from '../words.ts';
import { useDesk } from '../workbench.ts';

export function ModelPick() {
  const { stores, invoke } = useDesk();
  const shelf = usePicked(stores.models, (state) => state.manifests);
  const manifests = useMemo(() => segmentations({ ...stores.models.getState(), manifests: shelf }), [shelf, stores]);
  const manifest = usePicked(stores.models, chosenManifest);
  const problem = usePicked(stores.models, (state) => state.problem);
  const id = useId();
  return (
    <>
      <div className={css.p}>
        <label htmlFor={id} className="unseen">
          Model
        </label>
        <select
          id={id}
          className={parts.select}
          value={manifest?.id ?? ''}
          disabled={manifests.length === 0}
          onChange={(event) => stores.models.setState({ chosen: event.currentTarget.value })}
        >
          {manifests.length === 0 && <option value="">No model is at hand</option>}
          {manifests.map((one) => (
            <option key={one.id} value={one.id}>
              {tasksOf(one)}
              {manifests.length > 1 && ` · ${one.name}`}
            </option>
          ))}
        </select>
      </div>
      {manifest && (
        <p className={`t3 ${css.p}`} style={{ marginTop: 4 }}>
          {bytes(manifest.bytes)}, {manifest.input.mpp} µm/px.{' '}
          <button type="button" className="link" onClick={() => invoke('model.about')}>
            About this model
          </button>
        </p>
      )}
      {problem && (
        <p className={`bad ${css.p}`} style={{ marginTop: 4 }}>
          {describe(problem)}
        </p>
      )}
    </>
  );
}

/** 'Nuclei, glands, lumina, tissue' */
function tasksOf({ tasks, outputs }: PatchManifest): string {
  const kinds = OBJECT_LAYERS.filter((task) => tasks[task]);
  const text = [...kinds, ...(outputs.some(({ kind }) => kind === 'grid') ? ['tissue'] : [])].join(', ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
