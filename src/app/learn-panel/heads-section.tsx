// Heads on the labels: how good each is, and what an augmentation of features is worth here.
import { IconDownload, IconEye, IconEyeOff, IconPlus, IconX } from '@tabler/icons-react';
import { IconButton } from '../icon-button.tsx';
import { Section } from '../inspector/section.tsx';
import { COPIES } from '../learn/altered-copies.ts';
import { Segments } from '../segments.tsx';
import { SmallButton } from '../small-button.tsx';
import type { HeadSummary, SetSummary } from '../stores/learn-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import learn from '../styles/learn.module.css';
import { count, duration, plural } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { blockName } from './embed-section.tsx';
import { saveHead } from './save.ts';
import { useLabelled, useLabelling, useLearn, useLearnt } from './use-learn.ts';
import { figure, intervalOf, Whiskers } from './whiskers.tsx';
import { gainWords } from './words.ts';

const AUGMENTATIONS = [
  { value: 'none', label: 'None' },
  { value: 'noise', label: 'Noise' },
  { value: 'mixup', label: 'Mixup' },
  { value: 'directions', label: 'Directions' },
] as const;
const WITHOUT_COPIES = AUGMENTATIONS.filter(({ value }) => value !== 'directions');

export function HeadsSection() {
  const session = useLabelling();
  const heads = useLabelled((state) => state.heads);
  const shown = useLabelled((state) => state.shown);
  const labelled = useLabelled(({ classes, pictures }) =>
    Math.max(classes.filter((of) => of.count > 0).length, pictures?.classes.length ?? 0),
  );
  const ready = useLabelled(({ sets }) => sets.length > 0);
  const now = heads.find(({ id }) => id === shown);
  const add = (hidden: number, label: string) => (
    <SmallButton kind="quiet" icon={IconPlus} off={!ready} onClick={() => session.heads.add(hidden)}>
      {label}
    </SmallButton>
  );
  return (
    <Section
      id="heads"
      title="Heads"
      buttons={
        <>
          {add(0, 'Logistic')}
          {add(64, 'Hidden layer')}
        </>
      }
    >
      {heads.length === 0 ? (
        <p className={`t2 ${css.p}`}>
          A head learns your classes from the labels in a moment, and anew after each. It colours the slide.
        </p>
      ) : (
        <HeadTable heads={heads} shown={shown} />
      )}
      <Shelf />
      {heads.length > 0 && labelled < 2 && (
        <p className={`t2 ${css.p} ${css.gap}`}>Label {session.noun.many} of at least two classes.</p>
      )}
      {now && now.labels > 0 && <About head={now} />}
      {heads.length > 0 && <Augmentation />}
    </Section>
  );
}

function HeadTable({ heads, shown }: { heads: readonly HeadSummary[]; shown: string | undefined }) {
  const desk = useDesk();
  const session = useLabelling();
  const manifests = usePicked(desk.stores.models, (state) => state.manifests);
  const encoderName = (id: string): string => manifests.find((one) => one.id === id)?.name ?? id;
  return (
    <table className={`${css.table} ${learn.table} ${learn.heads}`}>
      <thead>
        <tr>
          <th>
            <span className="unseen">Shown</span>
          </th>
          <th>Head</th>
          <th>Features</th>
          <th>Macro F1, 5 folds</th>
          <th className={css.n}>
            <span className="unseen">Value</span>
          </th>
          <th className={css.n}>95 % interval</th>
          <th className={css.n}>Trained in</th>
          <th>
            <span className="unseen">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {heads.map((head) => (
          <tr key={head.id} data-chosen={head.id === shown}>
            <td>
              <IconButton
                small
                label={head.id === shown ? `Hide ${head.name}` : `Show ${head.name} on the slide`}
                icon={head.id === shown ? IconEye : IconEyeOff}
                on={head.id === shown}
                onClick={() => session.heads.show(head.id === shown ? undefined : head.id)}
              />
            </td>
            <td className={head.id === shown ? 'b' : undefined} title={head.name}>
              {head.name}
            </td>
            <td title={encoderName(head.encoder)}>
              <span className={learn.features}>
                <span className="ell">{encoderName(head.encoder)}</span>, {blockName(head.block).toLowerCase()}
              </span>
            </td>
            <td>{head.figure && <Whiskers value={head.figure.macroF1} interval={head.figure.interval} />}</td>
            <td className={`${css.n} b`}>{head.figure ? figure(head.figure.macroF1) : '–'}</td>
            <td className={css.n}>{head.figure ? intervalOf(head.figure.interval) : ''}</td>
            <td className={css.n}>{head.labels > 0 ? seconds(head.seconds) : '–'}</td>
            <td className={learn.actions}>
              <IconButton
                small
                label={`Save ${head.name} as ONNX`}
                icon={IconDownload}
                whyNot={head.labels > 0 ? undefined : 'It has learnt nothing yet'}
                onClick={() => void saveHead(desk, session, head)}
              />
              <IconButton
                small
                label={`Remove ${head.name}`}
                icon={IconX}
                onClick={() => session.heads.remove(head.id)}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const seconds = (s: number): string => (s < 0.1 ? `${Math.max(1, Math.round(1000 * s))} ms` : `${s.toFixed(2)} s`);

/** Heads that know their classes already: shipped, or saved here and added as a model. */
function Shelf() {
  const session = useLabelling();
  const { stores } = useDesk();
  const manifests = usePicked(stores.models, (state) => state.manifests);
  const shown = useLabelled((state) => state.shown);
  const sets = useLabelled((state) => state.sets);
  const shelf = session.heads.onShelf();
  if (shelf.length === 0) return null;
  const nameOf = (id: string): string => manifests.find((one) => one.id === id)?.name ?? id;
  return (
    <ul className={learn.shelf} aria-label="Heads on the shelf">
      {shelf.map(({ id, name, input: { encoder } }) => {
        const isThere = sets.some((set) => set.encoder === encoder.id);
        return (
          <li key={id} data-chosen={id === shown}>
            <IconButton
              small
              label={id === shown ? `Hide ${name}` : `Show ${name} on the slide`}
              icon={id === shown ? IconEye : IconEyeOff}
              on={id === shown}
              whyNot={isThere ? undefined : `Embed with ${nameOf(encoder.id)} first`}
              onClick={() => {
                session.choose(encoder.id, encoder.output);
                session.heads.show(id === shown ? undefined : id);
              }}
            />
            <span className={id === shown ? 'b' : undefined}>{name}</span>
            <span className="t3 grow ell">
              reads {nameOf(encoder.id)}, {blockName(encoder.output).toLowerCase()}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

/** What the figures of a head do and do not say. */
function About({ head }: { head: HeadSummary }) {
  const { one, many } = useLabelling().noun;
  const ms = useLabelled((state) => state.trainedMs);
  const { figure: found, whyNoFigure, labels, isByPlace, isCalibrated, classes, byScript } = head;
  return (
    <>
      <p className={`t2 ${css.p} ${css.gap}`}>
        Learnt from {plural(labels, 'label')}
        {byScript
          ? ' by a script: it stays as it is, and goes with this tab'
          : ms !== undefined && `, shown ${(ms / 1000).toFixed(2)} s after the last one`}
        .{' '}
        {whyNoFigure !== undefined
          ? `No figure: ${whyNoFigure}.`
          : isByPlace
            ? 'Whole blocks of the slide were left out in turn, so near twins do not flatter it.'
            : `The ${many} were left out one by one: near twins of a test ${one} were learnt from, so the figure flatters.`}{' '}
        {!isCalibrated && 'Too few labels to calibrate its probabilities.'}
      </p>
      {found && (
        <details className={`${css.p} ${css.gap} ${learn.details}`}>
          <summary>Show numbers</summary>
          <table className={learn.confusion}>
            <thead>
              <tr>
                <th>labelled ↓ said →</th>
                {classes.map((name) => (
                  <th key={name} className={css.n}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {classes.map((name, i) => (
                <tr key={name}>
                  <th>{name}</th>
                  {classes.map((other, j) => (
                    <td key={other} className={`${css.n} ${i === j ? 'b' : ''}`}>
                      {count(found.confusion[i]?.[j] ?? 0)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </>
  );
}

function Augmentation() {
  const session = useLabelling();
  const augmentation = useLabelled((state) => state.augmentation);
  const gain = useLabelled((state) => state.gain);
  const canCopy = useLearn() === session; // objects are not altered
  const needsCopies = useLabelled(({ heads, shown, sets }) => {
    const head = heads.find(({ id }) => id === shown) ?? heads[0];
    const set = sets.find(({ encoder }) => encoder === head?.encoder);
    return set && set.copies === 0 ? set : undefined;
  });
  const waits = augmentation === 'directions' ? needsCopies : undefined;
  return (
    <div className={learn.augmentation}>
      <span className="t2">Feature augmentation</span>
      <Segments
        label="Feature augmentation"
        options={canCopy ? AUGMENTATIONS : WITHOUT_COPIES}
        value={augmentation}
        onChange={(value) => session.heads.setAugmentation(value)}
      />
      {waits ? (
        <Copies set={waits} />
      ) : (
        <span className="grow t2">{augmentation === 'none' ? '' : gain ? gainWords(gain) : 'measuring its gain'}</span>
      )}
    </div>
  );
}

/** Directions are taken from altered copies: what embedding them costs, before it is done. */
function Copies({ set }: { set: SetSummary }) {
  const session = useLearn();
  const busy = useLearnt(({ working }) => working !== undefined);
  const count = Math.min(COPIES, set.rows);
  const cost = set.secondsPerPatch === undefined ? '' : `, about ${duration(count * set.secondsPerPatch)}`;
  return (
    <>
      <span className="grow t2">
        Needs altered copies of {plural(count, 'patch', 'patches')}
        {cost}.
      </span>
      <SmallButton off={busy} onClick={() => void session.makeCopies(set.encoder)}>
        Embed them
      </SmallButton>
    </>
  );
}
