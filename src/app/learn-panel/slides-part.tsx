// Slides labelled as a whole, and attention that learns from them.
import { IconDownload, IconEye, IconPlayerPlay, IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { IconButton } from '../icon-button.tsx';
import { Section } from '../inspector/section.tsx';
import { Segments } from '../segments.tsx';
import { SmallButton } from '../small-button.tsx';
import type { BagSummary, LearntAttention } from '../stores/learn-store.ts';
import { notify } from '../stores/window-store.ts';
import css from '../styles/inspector.module.css';
import learn from '../styles/learn.module.css';
import { count, plural } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { blockName } from './embed-section.tsx';
import { saveAttention } from './save.ts';
import { useEncoders } from './use-encoders.ts';
import { useLearn, useLearnt } from './use-learn.ts';
import { figure, intervalOf } from './whiskers.tsx';

export function SlidesPart() {
  return (
    <>
      <BagsSection />
      <AttentionTraining />
    </>
  );
}

function BagsSection() {
  const { stores } = useDesk();
  const session = useLearn();
  const bags = useLearnt((state) => state.bags);
  const shelf = useEncoders();
  const nameOf = (id: string): string => shelf.find((one) => one.id === id)?.name ?? id;
  const add = (): void => {
    const why = session.slides.add();
    if (why !== undefined) notify(stores.window, { text: why, tone: 'warn', seconds: 6 });
  };
  return (
    <Section
      id="labels"
      title="Slides"
      buttons={
        <SmallButton kind="quiet" icon={IconPlus} onClick={add}>
          This slide
        </SmallButton>
      }
    >
      {bags.length === 0 ? (
        <p className={`t2 ${css.p}`}>
          Embed a slide’s tissue, add it here, and write what the whole slide is. Then open the next one: what was
          embedded stays on this disk.
        </p>
      ) : (
        <table className={`${css.table} ${learn.table}`}>
          <thead>
            <tr>
              <th>Slide</th>
              <th>Encoder</th>
              <th className={css.n}>Patches</th>
              <th>Label</th>
              <th>Patient</th>
              <th>
                <span className="unseen">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {bags.map((bag) => (
              <BagRow key={bag.id} bag={bag} encoder={nameOf(bag.encoder)} />
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}

function BagRow({ bag, encoder }: { bag: BagSummary; encoder: string }) {
  const session = useLearn();
  return (
    <tr data-chosen={bag.isOpen}>
      <td className={learn.ell} title={bag.name}>
        {bag.name}
      </td>
      <td className={learn.ell} title={encoder}>
        {encoder}
      </td>
      <td className={css.n}>{count(bag.patches)}</td>
      <td>
        <Field
          label={`Label of ${bag.name}`}
          value={bag.label}
          onChange={(label) => session.bags.set(bag.id, { label })}
        />
      </td>
      <td>
        <Field
          label={`Patient of ${bag.name}`}
          value={bag.group}
          onChange={(group) => session.bags.set(bag.id, { group })}
        />
      </td>
      <td className={learn.actions}>
        <IconButton small label={`Remove ${bag.name}`} icon={IconX} onClick={() => session.bags.remove(bag.id)} />
      </td>
    </tr>
  );
}

function Field({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  return (
    <input
      className={learn.field}
      aria-label={label}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => text !== value && onChange(text)}
      onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
    />
  );
}

const KINDS = [
  { value: 'plain', label: 'Plain' },
  { value: 'gated', label: 'Gated' },
] as const;
const STAGES = [
  { value: '0', label: 'Frozen' },
  { value: '64', label: 'Top 64 adapted' },
] as const;
const FOLDS = 5;

function AttentionTraining() {
  const session = useLearn();
  const desk = useDesk();
  const bags = useLearnt((state) => state.bags);
  const busy = useLearnt(({ working }) => working !== undefined);
  const found = useLearnt((state) => state.attention);
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
      {found ? (
        <Found found={found} />
      ) : (
        <p className={`t2 ${css.p}`}>
          {labelled === 0
            ? 'Attention learns which patches tell the labels of whole slides apart. It needs slides of two labels at least.'
            : `${plural(labelled, 'slide')} ${labelled === 1 ? 'has' : 'have'} a label.`}
        </p>
      )}
      {found && (
        <div className={learn.embed}>
          <SmallButton icon={IconEye} onClick={() => void session.slides.show()}>
            Show on this slide
          </SmallButton>
          <SmallButton icon={IconDownload} onClick={() => void saveAttention(desk, session, found)}>
            Save as ONNX
          </SmallButton>
        </div>
      )}
    </Section>
  );
}

function Found({ found }: { found: LearntAttention }) {
  const { auc, interval, classes, bags, isByGroup, block, curve, topK } = found;
  return (
    <>
      <p className={css.p}>
        <span className="b">AUC {Number.isFinite(auc) ? figure(auc) : '–'}</span>
        {Number.isFinite(auc) && <span className="t2"> ({intervalOf(interval)})</span>}
        <span className="t2">
          {' '}
          on {plural(bags, 'slide')} of {classes.join(', ')}, {isByGroup ? 'patients' : 'slides'} left out in turn;{' '}
          {blockName(block).toLowerCase()}
          {topK > 0 && `, with a small adapter of the ${topK} most attended patches`}.
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
