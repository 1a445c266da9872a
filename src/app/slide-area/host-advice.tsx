// The lines that a host needs, by kind of host, to copy or to send on.
import { IconCopy } from '@tabler/icons-react';
import { useState } from 'react';
import { HOST_KINDS, type HostKind, type HostNeed, hostLines } from '#slide/host-lines.ts';
import { IconButton } from '../icon-button.tsx';
import { Segments } from '../segments.tsx';
import css from '../styles/doctor.module.css';
import { useDesk } from '../workbench.ts';

export function HostAdvice({ need }: { need: HostNeed }) {
  const { stores } = useDesk();
  const [kind, setKind] = useState<HostKind>('nginx');
  const { lines, where } = hostLines(kind, need, window.location.origin);
  const copy = (): void =>
    void navigator.clipboard
      .writeText(lines)
      .then(() => stores.window.setState({ announcement: `The lines for ${kind} were copied.` }));
  return (
    <section className={css.advice}>
      <div className={css.adviceHead}>
        <h2>If you run the host, add this; if not, send it to who does</h2>
        <Segments
          label="Kind of host"
          options={HOST_KINDS.map((value) => ({ value, label: value }))}
          value={kind}
          onChange={setKind}
        />
      </div>
      <div className={css.lines}>
        <pre>{lines}</pre>
        <IconButton small className={css.copy} label="Copy the lines" icon={IconCopy} onClick={copy} />
      </div>
      <p className="t3">{where}</p>
    </section>
  );
}
