// All tissue: what was found, and how to change it. Every change shows at once; nothing is computed yet.
import { Slider } from '@mantine/core';
import { IconBrush, IconChevronDown } from '@tabler/icons-react';
import { useId, useState } from 'react';
import { automaticTissue, type TissueEdits } from '#analysis/tissue/edits.ts';
import type { TissueFacts } from '#analysis/tissue/rules.ts';
import { Hint } from '../hint.tsx';
import { Segments } from '../segments.tsx';
import { changeTissue } from '../stores/region-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import parts from '../styles/parts.module.css';
import { useCommand } from '../use-command.ts';
import { useDesk } from '../workbench.ts';
import { RegionButton, UndoButtons } from './region-button.tsx';
import { areaWords, tissueSentence } from './region-words.ts';

/** Where the automatic value is: a tick across the track, which the thumb does not hide. */
const TICK = { width: 2, height: 18, border: 0, borderRadius: 0, background: 'var(--t2)', marginTop: -8 } as const;

const THRESHOLD = { min: 2, max: 80 } as const; // chroma, of 255

export default function TissuePanel() {
  const { stores } = useDesk();
  const facts = usePicked(stores.regions, ({ tissue }) => tissue);
  const edits = usePicked(stores.regions, (state) => state.edits);
  const mpp = usePicked(stores.slide, ({ open }) => open?.info.mpp);
  const [isOpen, setOpen] = useState(false);
  const isChanged = edits !== automaticTissue;
  return (
    <div className={css.gap}>
      {facts && (
        <>
          <p className={`t2 ${css.p}`} style={{ marginBottom: 4 }}>
            {tissueSentence(facts, edits, mpp)}
          </p>
          <Marks facts={facts} edits={edits} />
          {isOpen && <Rules facts={facts} edits={edits} />}
        </>
      )}
      <div className={`row ${css.p}`} style={{ marginTop: 6, flexWrap: 'wrap', gap: 4 }}>
        <Brush />
        {facts && (
          <button
            type="button"
            className={`${parts.button} ${parts.small}`}
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            Adjust
            <IconChevronDown size={14} stroke={1.6} style={isOpen ? { transform: 'rotate(180deg)' } : undefined} />
          </button>
        )}
        {isChanged && <RegionButton id="tissue.automatic">Automatic</RegionButton>}
        <UndoButtons />
      </div>
      <BrushHint />
    </div>
  );
}

/** From how much colour on a cell is tissue, and which pieces and gaps are too small to count. */
function Rules({ facts, edits }: { facts: TissueFacts; edits: TissueEdits }) {
  const { stores } = useDesk();
  const open = usePicked(stores.slide, (state) => state.open);
  const info = open?.info;
  const largest = Math.log10(Math.max(10, ((info?.widthPx ?? 0) * (info?.heightPx ?? 0)) / 10));
  const area = (px: number): string => areaWords(px, info?.mpp);
  return (
    <>
      <RangeControl
        label="Threshold"
        {...THRESHOLD}
        step={0.5}
        value={edits.threshold ?? facts.automatic}
        automatic={facts.automatic}
        words={(value) => value.toFixed(1)}
        onChange={(threshold) => changeTissue(stores.regions, { threshold }, 'threshold')}
      />
      <RangeControl
        label="Pieces from"
        min={1}
        max={largest}
        step={0.05}
        value={Math.log10(Math.max(10, edits.leastPx ?? facts.leastPx))}
        words={(value) => area(10 ** value)}
        onChange={(value) => changeTissue(stores.regions, { leastPx: 10 ** value }, 'least')}
      />
      <RangeControl
        label="Gaps from"
        min={1}
        max={largest}
        step={0.05}
        value={Math.log10(Math.max(10, edits.gapPx ?? facts.gapPx))}
        words={(value) => area(10 ** value)}
        onChange={(value) => changeTissue(stores.regions, { gapPx: 10 ** value }, 'gap')}
      />
    </>
  );
}

const LEAVE_OR_KEEP = [
  { value: 'leave out', label: 'Leave out' },
  { value: 'keep', label: 'Keep' },
] as const;

/** Only what was found is asked about. */
function Marks({ facts, edits }: { facts: TissueFacts; edits: TissueEdits }) {
  const { stores } = useDesk();
  const row = (what: 'pen' | 'folds', label: string) => (
    <div className={`${css.control} ${css.wideControl}`}>
      <span>{label}</span>
      <Segments
        label={label}
        options={LEAVE_OR_KEEP}
        value={edits[what]}
        onChange={(value) => changeTissue(stores.regions, { [what]: value })}
      />
    </div>
  );
  return (
    <>
      {facts.penPx > 0 && row('pen', 'Pen marks')}
      {facts.foldsPx > 0 && row('folds', 'Folds')}
    </>
  );
}

function Brush() {
  const { stores, invoke, viewer } = useDesk();
  const { keys, label } = useCommand('tool.brush');
  const isOn = usePicked(stores.view, ({ tool }) => tool === 'brush');
  return (
    <Hint label={label()} keys={keys[0]}>
      <button
        type="button"
        className={`${parts.button} ${parts.small}`}
        aria-pressed={isOn}
        style={isOn ? { background: 'var(--press)' } : undefined}
        onClick={() => (isOn ? viewer.setTool('move') : invoke('tool.brush'))}
      >
        <IconBrush size={14} stroke={1.6} />
        Paint tissue
      </button>
    </Hint>
  );
}

function BrushHint() {
  const { stores } = useDesk();
  const isOn = usePicked(stores.view, ({ tool }) => tool === 'brush');
  const size = usePicked(stores.regions, ({ brushPx }) => brushPx);
  if (!isOn) return null;
  return (
    <p className={`t3 ${css.p}`} style={{ marginTop: 4 }}>
      {Math.round(size)} px wide on screen. [ and ] change it, Alt takes away.
    </p>
  );
}

function RangeControl(props: {
  label: string;
  min: number;
  max: number;
  step: number;
  value: number;
  automatic?: number;
  words: (value: number) => string;
  onChange: (value: number) => void;
}) {
  const id = useId();
  const { label, words, value, automatic, ...range } = props;
  const isMarked = automatic !== undefined;
  return (
    <div className={css.control} style={{ gridTemplateColumns: '72px minmax(0, 1fr) 64px' }}>
      <span id={id}>{label}</span>
      <Slider
        size={2}
        thumbSize={14}
        label={null}
        color="var(--t2)"
        value={value}
        {...(isMarked && { marks: [{ value: automatic }], styles: { mark: TICK } })}
        thumbProps={{
          'aria-labelledby': id,
          'aria-valuetext': isMarked ? `${words(value)}, automatic is ${words(automatic)}` : words(value),
        }}
        {...range}
      />
      <span className="num t2" title={isMarked ? `Automatic: ${words(automatic)}` : undefined}>
        {words(value)}
      </span>
    </div>
  );
}
