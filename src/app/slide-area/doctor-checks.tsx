// The checks of an address in their order, the one that failed in bold.
import { IconCircleCheck, IconCircleDashed, IconCircleX } from '@tabler/icons-react';
import { describe, type Failure } from '#errors/failure.ts';
import type { Check, Diagnosis } from '#slide/diagnose.ts';
import css from '../styles/doctor.module.css';

const ICONS = { ok: IconCircleCheck, failed: IconCircleX, unknown: IconCircleDashed } as const;
const TONES = { ok: 'good', failed: 'bad', unknown: 't3' } as const;
const SAID = { ok: 'Passed', failed: 'Failed', unknown: 'Not known' } as const;

export function DoctorChecks({ failure, diagnosis }: { failure: Failure; diagnosis: Diagnosis | undefined }) {
  if (!diagnosis) {
    return (
      <>
        <p className={css.seen}>{describe(failure)}</p>
        <p className="t3">Looking for the cause…</p>
      </>
    );
  }
  const last = diagnosis.checks.findIndex(({ outcome }) => outcome === 'unknown');
  const shown = last < 0 ? diagnosis.checks : diagnosis.checks.slice(0, last + 1); // the further ones say the same
  return (
    <ol className={css.checks}>
      {shown.map((check) => (
        <Row key={check.id} check={check} />
      ))}
    </ol>
  );
}

function Row({ check: { step, outcome, seen } }: { check: Check }) {
  const Glyph = ICONS[outcome];
  return (
    <li data-outcome={outcome}>
      <Glyph size={16} stroke={1.6} className={TONES[outcome]} aria-label={SAID[outcome]} />
      <span className={css.step}>{step}</span>
      <span className={css.said}>{marked(seen)}</span>
    </li>
  );
}

/** Names of headers as code. */
const marked = (text: string) =>
  text
    .split(/((?:Access-Control|Content|Accept)-[A-Za-z-]+)/)
    .map((part, i) => (i % 2 === 1 ? <code key={`${part} ${text.indexOf(part)}`}>{part}</code> : part));
