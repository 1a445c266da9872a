// Which encoder and which attention model: chosen here, with what each is, and the way to its panel.
import type { ModelManifest } from '#inference/manifest.ts';
import { attentionModels, encoders } from '../stores/models-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import parts from '../styles/parts.module.css';
import { bytes, count } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { Choice } from './attention-section.tsx';
import { FactRow } from './fact-row.tsx';
import { Section } from './section.tsx';

export function PoolingSection() {
  const { stores, attention } = useDesk();
  const manifests = usePicked(stores.models, (state) => state.manifests);
  const chosenModel = usePicked(stores.attention, ({ model }) => model);
  const chosenEncoder = usePicked(stores.attention, ({ encoder }) => encoder);
  const patches = usePicked(stores.attention, ({ findings }) => findings?.patches);
  const shelf = attentionModels({ manifests });
  const model = shelf.find(({ id }) => id === chosenModel) ?? shelf[0];
  const ofModel = encoders({ manifests });
  const encoder = ofModel.find(({ id }) => id === (chosenEncoder ?? model?.input.encoder.id));
  if (!model) return null;
  const [figure] = model.metrics;
  const choose = (change: { model?: string; encoder?: string | undefined }): void => {
    stores.attention.setState({ ...change, compare: undefined });
    void attention.session().then((session) => session.chosen());
  };
  return (
    <Section id="pooling" title="Model">
      <Choice
        label="Encoder"
        options={ofModel.map(({ id, name }) => ({ value: id, label: name }))}
        value={encoder?.id ?? ''}
        onChange={(id) => choose({ encoder: id })}
      />
      {encoder && <About manifest={encoder} />}
      <Choice
        label="Attention"
        options={shelf.map(({ id, name }) => ({ value: id, label: name }))}
        value={model.id}
        onChange={(id) => choose({ model: id, encoder: undefined })}
      />
      <About manifest={model} />
      <dl className={`${parts.facts} ${css.gap}`}>
        <FactRow
          name="Pooling"
          value={`Tanh attention over ${model.input.encoder.output}${patches === undefined ? '' : `, ${count(patches)} patches`}`}
        />
        {figure && (
          <FactRow
            name="Held out"
            value={`${figure.value.toFixed(2)}${figure.ci ? ` (${figure.ci[0].toFixed(2)} to ${figure.ci[1].toFixed(2)})` : ''}, ${figure.name}`}
          />
        )}
        <FactRow name="Use" value="Research only" />
      </dl>
    </Section>
  );
}

function About({ manifest }: { manifest: ModelManifest }) {
  const { stores } = useDesk();
  const open = (): void => {
    stores.models.setState({ about: manifest.id });
    stores.window.setState({ sheet: 'model' });
  };
  return (
    <p className={`t3 ${css.p}`} style={{ margin: '0 0 4px' }}>
      {bytes(manifest.bytes)}, {manifest.licence}.{' '}
      <button type="button" className="link" aria-label={`About ${manifest.name}`} onClick={open}>
        About
      </button>
    </p>
  );
}
