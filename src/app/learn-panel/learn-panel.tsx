// The inspector in the workspace Learn: patches of the slide, labels, heads, encoders, CKA.
import { useEffect, useState } from 'react';
import { describe } from '#errors/failure.ts';
import type { LearnSession } from '../learn/learn-session.ts';
import { Segments } from '../segments.tsx';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import learnCss from '../styles/learn.module.css';
import { useDesk } from '../workbench.ts';
import { bindSlide } from './bind-slide.ts';
import { CkaSection } from './cka-section.tsx';
import { EmbedSection } from './embed-section.tsx';
import { EncodersSection } from './encoders-section.tsx';
import { HeadsSection } from './heads-section.tsx';
import { LabelsSection } from './labels-section.tsx';
import { ObjectsPart } from './objects-part.tsx';
import { PictureSection } from './picture-section.tsx';
import { SimilarSection } from './similar-section.tsx';
import { SlidesPart } from './slides-part.tsx';
import { LearnProvider, useLearn, useLearnt } from './use-learn.ts';

export default function LearnPanel() {
  const desk = useDesk();
  const { learn, stores } = desk;
  const slide = usePicked(stores.slide, ({ open }) => open?.id);
  const mpp = usePicked(stores.slide, ({ open }) => open?.info.mpp !== undefined);
  const [session, setSession] = useState<LearnSession>();
  const [failed, setFailed] = useState<string>();
  useEffect(() => {
    let left = false;
    learn
      .session()
      .then(async (found) => {
        await found.open();
        if (!left) setSession(found);
      })
      .catch((thrown: unknown) => setFailed(thrown instanceof Error ? thrown.message : String(thrown)));
    return () => {
      left = true;
    };
  }, [learn]);
  // Another slide, or its pixel size: what was kept of it comes.
  // biome-ignore lint/correctness/useExhaustiveDependencies: they say when
  useEffect(() => void session?.open(), [session, slide, mpp]);
  useEffect(() => session && bindSlide(session, desk), [session, desk]);
  if (failed !== undefined) return <p className={`${css.p} ${css.gap}`}>{failed}</p>;
  if (!session) return <p className={`t3 ${css.p} ${css.gap}`}>Loading.</p>;
  return (
    <LearnProvider value={session}>
      <Parts hasSlide={slide !== undefined} />
    </LearnProvider>
  );
}

const PARTS = [
  { value: 'patches', label: 'Patches' },
  { value: 'objects', label: 'Objects' },
  { value: 'slides', label: 'Slides' },
] as const;

const ABOUT = {
  patches: 'labels of patches on this slide',
  objects: 'labels of single nuclei, glands and lumina',
  slides: 'labels of whole slides',
} as const;

function Parts({ hasSlide }: { hasSlide: boolean }) {
  const { store } = useLearn();
  const part = useLearnt((state) => state.part);
  return (
    <>
      <div className={learnCss.parts}>
        <Segments
          label="Learn from"
          options={PARTS}
          value={part}
          onChange={(value) => store.setState({ part: value })}
        />
        <span className="t3">{ABOUT[part]}</span>
      </div>
      {part !== 'objects' && <EmbedSection />}
      <Problem />
      {part === 'objects' ? (
        hasSlide && <ObjectsPart />
      ) : part === 'slides' ? (
        <SlidesPart />
      ) : (
        hasSlide && (
          <>
            <LabelsSection />
            <HeadsSection />
            <SimilarSection />
            <EncodersSection />
            <PictureSection />
            <CkaSection />
          </>
        )
      )}
    </>
  );
}

function Problem() {
  const problem = useLearnt((state) => state.problem);
  const { stores } = useDesk();
  const embedding = usePicked(stores.attention, (state) => state.notKept);
  const notKept = useLearnt((state) => state.notKept) ?? embedding;
  return (
    <>
      {problem && (
        <p role="alert" className={`${css.p} ${css.gap}`}>
          {describe(problem)}
        </p>
      )}
      {notKept !== undefined && (
        <p className={`t2 ${css.p} ${css.gap}`}>{notKept} What is learnt here ends with this tab.</p>
      )}
    </>
  );
}
