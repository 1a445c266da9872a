// All models at hand, each with size, terms and figures in sight: one outlines objects, attention may come along.
import { IconCircle, IconCircleDotFilled } from '@tabler/icons-react';
import { type KeyboardEvent, type ReactNode, useRef } from 'react';
import type { ModelManifest } from '#inference/manifest.ts';
import { headlines, tasksOf, termsOf } from '../inspector/model-words.ts';
import { OWN_ID } from '../models.ts';
import {
  alsoChosen,
  attentionModels,
  encoders,
  MOST_TOGETHER,
  type ModelsState,
  segmentations,
} from '../stores/models-store.ts';
import { usePicked } from '../stores.ts';
import parts from '../styles/parts.module.css';
import css from '../styles/sheet.module.css';
import { useDesk } from '../workbench.ts';
import { MetricTable } from './metric-table.tsx';
import { SheetFrame } from './sheet.tsx';

export default function ModelsSheet() {
  const { stores } = useDesk();
  const state = usePicked(stores.models, (all) => all);
  return (
    <SheetFrame title="Models">
      <p className="t2">Every model runs on this computer. None is for diagnosis.</p>
      <h2 id="outlining">Outlines objects</h2>
      <Outlining state={state} />
      {attentionModels(state).length > 0 && <Beside state={state} />}
      <Others
        title="Encoders"
        models={encoders(state)}
        note="Attention reads their features. It names the one it needs."
      />
      <Others
        title="Heads"
        models={state.manifests.filter(({ task }) => task === 'head')}
        note="They name what a single patch shows."
      />
    </SheetFrame>
  );
}

function Outlining({ state }: { state: ModelsState }) {
  const { stores } = useDesk();
  const models = segmentations(state);
  if (models.length === 0) return <p className="t2">None is at hand. Copy one into the folder models of this page.</p>;
  return (
    <Choices
      labelledBy="outlining"
      models={models}
      chosen={state.chosen}
      onChoose={(chosen) => stores.models.setState({ chosen })}
      along={(model) => <Along model={model} state={state} />}
    />
  );
}

/** Another model in the same run, by choice: it reads the same tiles, and what it finds is a run of its own in the list. */
function Along({ model: { id, name }, state }: { model: ModelManifest; state: ModelsState }) {
  const { stores } = useDesk();
  const along = alsoChosen(state);
  const on = along.includes(id);
  if (id === state.chosen || (!on && along.length >= MOST_TOGETHER - 1)) return null;
  const change = (checked: boolean): void =>
    stores.models.setState({ also: checked ? [...along, id] : along.filter((one) => one !== id) });
  return (
    <label className={parts.check}>
      <input
        type="checkbox"
        aria-label={`${name} in the same run`}
        checked={on}
        onChange={(event) => change(event.currentTarget.checked)}
      />
      In the same run: it reads the same tiles. Its objects are a run of their own, to be shown or compared.
    </label>
  );
}

/** Attention goes along with a run, by choice. */
function Beside({ state }: { state: ModelsState }) {
  const { stores, attention } = useDesk();
  const chosen = usePicked(stores.attention, ({ model }) => model);
  const on = usePicked(stores.settings, ({ attentionBeside }) => attentionBeside);
  const models = attentionModels(state);
  const choose = (model: string): void => {
    stores.attention.setState({ model, encoder: undefined, compare: undefined });
    attention.loaded()?.chosen();
  };
  return (
    <>
      <h2 id="attention">Attention</h2>
      <label className={parts.check}>
        <input
          type="checkbox"
          checked={on}
          onChange={(event) => stores.settings.setState({ attentionBeside: event.currentTarget.checked })}
        />
        Compute it beside each run
      </label>
      <Choices labelledBy="attention" models={models} chosen={chosen ?? models[0]?.id} onChoose={choose} />
    </>
  );
}

function Others({ title, models, note }: { title: string; models: readonly ModelManifest[]; note: string }) {
  const { wizard } = useDesk();
  if (models.length === 0) return null;
  return (
    <>
      <h2>{title}</h2>
      <p className="t3">{note}</p>
      <ul className={css.models}>
        {models.map((model) => (
          <li key={model.id} className={css.model}>
            <Entry model={model} figures={false}>
              <Name of={model} />
            </Entry>
            {model.id.startsWith(OWN_ID) && (
              <button
                type="button"
                className={`${parts.button} ${parts.small}`}
                onClick={() => void wizard.session().then((session) => session.remove(model))}
              >
                Remove from this browser
              </button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

/** A radio group: arrows move and choose, the chosen one takes the focus. */
function Choices(props: {
  readonly labelledBy: string;
  readonly models: readonly ModelManifest[];
  readonly chosen: string | undefined;
  readonly onChoose: (id: string) => void;
  readonly along?: (model: ModelManifest) => ReactNode;
}) {
  const { labelledBy, models, chosen, onChoose, along } = props;
  const group = useRef<HTMLDivElement>(null);
  const isNone = !models.some(({ id }) => id === chosen);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const radios = [...(group.current?.querySelectorAll<HTMLElement>('[role="radio"]') ?? [])];
    const at = radios.findIndex((radio) => radio.contains(document.activeElement));
    if (step === undefined || at < 0) return;
    event.preventDefault();
    const next = (at + step + models.length) % models.length;
    radios[next]?.focus();
    const model = models[next];
    if (model) onChoose(model.id);
  };
  return (
    <div ref={group} role="radiogroup" aria-labelledby={labelledBy} className={css.models} onKeyDown={onKeyDown}>
      {models.map((model, index) => {
        const on = model.id === chosen;
        const Dot = on ? IconCircleDotFilled : IconCircle;
        return (
          <div key={model.id} className={css.model} data-on={on}>
            <Entry model={model} figures>
              {/* biome-ignore lint/a11y/useSemanticElements: a button group with the radio pattern, as the design draws it */}
              <button
                type="button"
                role="radio"
                aria-checked={on}
                className={css.radio}
                tabIndex={on || (isNone && index === 0) ? 0 : -1}
                onClick={() => onChoose(model.id)}
              >
                <Dot size={16} stroke={1.6} aria-hidden />
                <Name of={model} />
              </button>
            </Entry>
            {along?.(model)}
          </div>
        );
      })}
    </div>
  );
}

function Name({ of: { name, version } }: { of: ModelManifest }) {
  return (
    <span className="b ell">
      {name} <span className="t3">{version}</span>
    </span>
  );
}

/** Name or control at the head, the way to the card, and what a choice needs to know. */
function Entry({ model, figures, children }: { model: ModelManifest; figures: boolean; children: ReactNode }) {
  const { stores } = useDesk();
  const about = (): void => {
    stores.models.setState({ about: model.id });
    stores.window.setState({ sheet: 'model' });
  };
  const shown = figures ? headlines(model.metrics, model.task === 'segmentation' ? 5 : 3) : [];
  return (
    <>
      <div className="row">
        <div className="grow">{children}</div>
        <button
          type="button"
          className={`${parts.button} ${parts.small}`}
          aria-label={`Card of ${model.name}`}
          onClick={about}
        >
          Card
        </button>
      </div>
      <div className={css.described}>
        <p className="t2">{model.summary}</p>
        <p className="t3">{[tasksOf(model), termsOf(model)].filter((part) => part !== undefined).join('. ')}.</p>
        {shown.length > 0 && <MetricTable metrics={shown} />}
        {figures && shown.length === 0 && <p className="t3">No figures in its manifest.</p>}
      </div>
    </>
  );
}
