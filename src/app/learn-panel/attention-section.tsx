// Attention that learns from slides labelled as a whole: training, what it came to, its networks of before.
import { IconDownload, IconEye, IconPlayerPlay, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { IconButton } from '../icon-button.tsx';
import { Section } from '../inspector/section.tsx';
import { Segments } from '../segments.tsx';
import { SmallButton } from '../small-button.tsx';
import type { LearntAttention } from '../stores/learn-store.ts';
import css from '../styles/inspector.module.css';
import learn from '../styles/learn.module.css';
import { plural } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { blockName } from './embed-section.tsx';
import { saveAttention } from './save.ts';
import { useEncoders } from './use-encoders.ts';
import { useLearn, useLearnt } from './use-learn.ts';
import { figure, intervalOf, Whiskers } from './whiskers.tsx';

const KINDS = [
  { value: 'plain', label: 'Plain' },
  { value: 'gated', label: 'Gated' },
] as const;
const STAGES = [
  { value: '0', label: 'Frozen' },
  { value: '64', label: 'Top 64 adapted' },
] as const;
const FOLDS = 5;

export function AttentionSection() {
  const session = useLearn();
  const bags = useLearnt((state) => state.bags);
  const busy = useLearnt(({ working }) => working !== undefined);
  const networks = useLearnt((state) => state.networks);
  const growing = useLearnt((state) => state.curve);
  const found = useLearnt((state) => state.networks.find(({ model }) => model === state.network));
  const [kind, setKind] = useState<'plain' | 'gated'>('plain');
  const [stage, setStage] = useState<'0' | '64'>('0');
  const labelled = bags.filter(({ label }) => label.trim() !== '').length;
  const off = busy || labelled === 0;
  return (
    <Section id="heads" title="Attention">
      <div className={learn.augmentation}>
        <Segments label="Kind of attention" options={KINDS} value={kind} onChange={setKind} />
        <Segments label="Stages" options={STAGES} value={stage} onChange={setStage} />
        <span className="grow" />
        <SmallButton
          kind="main"
          icon={IconPlayerPlay}
          off={off}
          onClick={() => void session.slides.train({ gated: kind === 'gated', topK: Number(stage), folds: FOLDS })}
        >
          Train
        </SmallButton>
      </div>
      {networks.length === 0 ? (
        <p className={`t2 ${css.p}`}>
          {labelled === 0
            ? 'Attention learns which patches tell the labels of whole slides apart. It needs slides of two labels at least.'
            : `${plural(labelled, 'slide')} ${labelled === 1 ? 'has' : 'have'} a label.`}
        </p>
      ) : (
        <Networks networks={networks} />
      )}
      {growing ? <Curve curve={growing} /> : found && <Found found={found} />}
    </Section>
  );
}

function Networks({ networks }: { networks: readonly LearntAttention[] }) {
  const session = useLearn();
  const desk = useDesk();
  const shelf = useEncoders();
  const looked = useLearnt((state) => state.network);
  const encoderName = (id: string): string => shelf.find((one) => one.id === id)?.name ?? id;
  return (
    <table className={`${css.table} ${learn.table}`}>
      <thead>
        <tr>
          <th>Network</th>
          <th>Features</th>
          <th className={css.n}>Slides</th>
          <th>AUC, left out</th>
          <th className={css.n}>
            <span className="unseen">Value</span>
          </th>
          <th className={css.n}>Frozen</th>
          <th>
            <span className="unseen">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {networks.map((one) => (
          <tr key={one.model} data-chosen={one.model === looked}>
            <td>
              <button
                type="button"
                className={one.model === looked ? 'b' : undefined}
                aria-pressed={one.model === looked}
                onClick={() => session.slides.look(one.model)}
              >
                {kindOf(one)}
              </button>
            </td>
            <td title={encoderName(one.encoder)}>
              <span className={`${learn.features} ${learn.narrow}`}>
                <span className="ell">{encoderName(one.encoder)}</span>, {blockName(one.block).toLowerCase()}
              </span>
            </td>
            <td className={css.n}>{one.bags}</td>
            <td>{Number.isFinite(one.auc) && <Whiskers value={one.auc} interval={one.interval} />}</td>
            <td className={`${css.n} b`}>{Number.isFinite(one.auc) ? figure(one.auc) : '–'}</td>
            <td className={css.n}>{one.frozen && Number.isFinite(one.frozen.auc) ? figure(one.frozen.auc) : ''}</td>
            <td className={learn.actions}>
              <IconButton
                small
                label={`Show ${kindOf(one)} on this slide`}
                icon={IconEye}
                onClick={() => void session.slides.show(one.model)}
              />
              <IconButton
                small
                label={`Save ${kindOf(one)} as ONNX`}
                icon={IconDownload}
                onClick={() => void saveAttention(desk, session, one)}
              />
              <IconButton
                small
                label={`Remove ${kindOf(one)}`}
                icon={IconX}
                onClick={() => session.slides.remove(one.model)}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const kindOf = ({ gated, topK, model }: LearntAttention): string =>
  `${gated ? 'Gated' : 'Plain'}${topK > 0 ? `, top ${topK} adapted` : ''} ${model.replace(/^\D+/, '')}`;

function Found({ found }: { found: LearntAttention }) {
  const { auc, interval, frozen, classes, bags, isByGroup, block, curve, topK } = found;
  return (
    <>
      <p className={`${css.p} ${css.gap}`}>
        <span className="b">AUC {Number.isFinite(auc) ? figure(auc) : '–'}</span>
        {Number.isFinite(auc) && <span className="t2"> ({intervalOf(interval)})</span>}
        <span className="t2">
          {' '}
          on {plural(bags, 'slide')} of {classes.join(', ')}, {isByGroup ? 'patients' : 'slides'} left out in turn;{' '}
          {blockName(block).toLowerCase()}.
          {frozen &&
            ` With a small adapter of the ${topK} most attended patches; frozen features alone, on the same folds: ${figure(frozen.auc)} (${intervalOf(frozen.interval)}).`}
        </span>
      </p>
      <Curve curve={curve} />
    </>
  );
}

const [WIDTH, HEIGHT] = [280, 72];

/** Loss by epoch: learnt from, and left out. */
function Curve({ curve }: { curve: LearntAttention['curve'] }) {
  const all = curve.flatMap(({ loss, valLoss }) => [loss, valLoss]).filter(Number.isFinite);
  const most = Math.max(1e-6, ...all);
  const line = (of: (point: (typeof curve)[number]) => number): string =>
    curve
      .map((point, i) => `${(WIDTH * i) / Math.max(1, curve.length - 1)},${HEIGHT - (HEIGHT * of(point)) / most}`)
      .join(' ');
  return (
    <figure className={learn.curve}>
      <svg viewBox={`-2 -2 ${WIDTH + 4} ${HEIGHT + 4}`} aria-hidden>
        <line x1="0" y1={HEIGHT} x2={WIDTH} y2={HEIGHT} className={learn.base} />
        <polyline points={line(({ loss }) => loss)} className={learn.learnt} />
        <polyline points={line(({ valLoss }) => valLoss)} className={learn.leftOut} />
      </svg>
      <figcaption className="t2">
        Loss over {plural(curve.length, 'epoch')}, from 0 to {figure(most)}: of slides learnt from (line), of slides
        left out (dashes)
      </figcaption>
    </figure>
  );
}
