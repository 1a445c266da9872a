// Learning on the slide's objects: which of them are read, labels by clicking them, heads that give them a class.
import { Switch } from '@mantine/core';
import { IconBrain, IconEye, IconSquareX } from '@tabler/icons-react';
import { unhurried } from '#channel/waits.ts';
import { describe } from '#errors/failure.ts';
import { LEARN_KINDS, type LearnKind } from '../learn/noun.ts';
import type { ObjectSession } from '../learn/object-session.ts';
import { Segments } from '../segments.tsx';
import { SmallButton } from '../small-button.tsx';
import type { Reading } from '../stores/learn-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import learn from '../styles/learn.module.css';
import { bytes, count, plural } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { HeadsSection } from './heads-section.tsx';
import { LabelsSection } from './labels-section.tsx';
import { LabellingProvider, useLearn, useLearnt } from './use-learn.ts';

export function ObjectsPart() {
  const { objects } = useLearn();
  const kind = useLearnt((state) => state.kind);
  return (
    <LabellingProvider value={objects[kind]}>
      <ReadSection session={objects[kind]} />
      <LabelsSection key={`labels ${kind}`} />
      <HeadsSection key={`heads ${kind}`} />
    </LabellingProvider>
  );
}

const KINDS: readonly { readonly value: LearnKind; readonly label: string }[] = LEARN_KINDS.map((value) => ({
  value,
  label: `${value.charAt(0).toUpperCase()}${value.slice(1)}`,
}));

/** How many of them have features, and how to get more. */
function ReadSection({ session }: { session: ObjectSession }) {
  const { stores } = useDesk();
  const { store } = useLearn();
  const { kind, noun } = session;
  const there = usePicked(stores.objects, (state) => state[kind]?.count ?? 0);
  const calibrated = usePicked(stores.slide, ({ open }) => open?.info.mpp !== undefined);
  const working = useLearnt((state) => state.working);
  const { read, isKept, whyNot, byHead } = usePicked(session.objects, (state) => state);
  const off = there === 0 || !calibrated || whyNot !== undefined || working !== undefined;
  return (
    <section className={css.section} aria-label="Objects">
      <div className={`${learn.embed} ${learn.kinds}`}>
        <Segments label="Kind" options={KINDS} value={kind} onChange={(value) => store.setState({ kind: value })} />
        <span className="grow" />
        <Switch
          size="xs"
          label="Colour by head"
          checked={byHead}
          onChange={(event) => session.objects.setState({ byHead: event.currentTarget.checked })}
        />
      </div>
      <div className={learn.embed}>
        <span className="grow t2">{stateWords(there, read, isKept, noun)}</span>
        {there === 0 && <LastRun />}
        {(['view', 'all'] as const).map((region) => (
          <SmallButton
            key={region}
            kind={region === 'view' && read === 0 && there > 0 ? 'main' : 'plain'}
            icon={IconBrain}
            off={off}
            onClick={() => void session.read(region)}
          >
            {region === 'view' ? 'Read the view' : 'Read all'}
          </SmallButton>
        ))}
      </div>
      {!calibrated && (
        <p className={`t2 ${css.p}`}>Set the pixel size first: the network reads patches of a fixed size.</p>
      )}
      {whyNot !== undefined && <p className={`t2 ${css.p}`}>{whyNot}</p>}
      <Working session={session} />
      <Problem session={session} />
    </section>
  );
}

/** After a reload the slide has no objects, but the runs that found some. */
function LastRun() {
  const { stores, runs } = useDesk();
  const last = usePicked(stores.run, ({ list }) => list.find((run) => run.onOpenSlide && !run.shown && run.done > 0));
  if (!last) return null;
  return (
    <SmallButton kind="main" icon={IconEye} onClick={() => void runs.show(last.id, unhurried()).catch(() => undefined)}>
      Show the last run
    </SmallButton>
  );
}

function stateWords(there: number, read: number, isKept: boolean, { one, many }: ObjectSession['noun']): string {
  if (there === 0) return `There are no ${many} yet. Analyse a region first, or show an earlier run.`;
  const all = plural(there, one, many);
  if (read === 0) return `${all} on the slide. To read one, the network runs once more over its patch.`;
  return `${count(read)} of ${all} read${isKept ? ', kept on this disk' : ''}`;
}

function Working({ session }: { session: ObjectSession }) {
  const whole = useLearn();
  const working = useLearnt((state) => state.working);
  const reading = usePicked(session.objects, (state) => state.reading);
  if (working === undefined) return null;
  return (
    <div className={learn.working} role="status">
      <span className="grow">{reading ? readingWords(reading, session.noun.many) : `${working}.`}</span>
      <SmallButton icon={IconSquareX} onClick={() => whole.cancel()}>
        Cancel
      </SmallButton>
    </div>
  );
}

/** Of its heads: that of reading stands above. */
function Problem({ session }: { session: ObjectSession }) {
  const problem = usePicked(session.store, (state) => state.problem);
  return (
    problem && (
      <p role="alert" className={css.p}>
        {describe(problem)}
      </p>
    )
  );
}

const readingWords = ({ phase, done, total }: Reading, many: string): string =>
  phase === 'loading'
    ? `Loading the network: ${bytes(done)}${total ? ` of ${bytes(total)}` : ''}`
    : `Reading ${count(done)} of ${count(total ?? 0)} ${many}`;
