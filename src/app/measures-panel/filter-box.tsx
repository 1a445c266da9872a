// A filter as one writes it: what is wrong is underlined where it stands, what it chooses is marked on the slide.
import { useEffect, useRef, useState } from 'react';
import type { ObjectLayer } from '../stores/layers-store.ts';
import own from '../styles/measures.module.css';
import parts from '../styles/parts.module.css';
import { useMeasured, useMeasures } from './measures-context.tsx';

const PAUSE_MS = 300; // of typing, before the filter is used

export function FilterBox({ kind }: { kind: ObjectLayer }) {
  const session = useMeasures();
  const text = useMeasured((state) => state.filter);
  const fault = useMeasured((state) => state.fault);
  const brushedBy = useMeasured((state) => state.brushedBy);
  const field = useRef<HTMLInputElement>(null);
  const [scrolled, setScrolled] = useState(0);
  const asked = useRef<{ left: AbortController; timer: ReturnType<typeof setTimeout> }>(undefined);
  const use = (filter: string, afterMs: number): void => {
    clearTimeout(asked.current?.timer);
    asked.current?.left.abort(new DOMException('Another filter was written.', 'AbortError'));
    const left = new AbortController();
    const timer = setTimeout(() => {
      if (filter.trim() === '') {
        session.state.setState({ fault: undefined, problem: undefined });
        session.clear();
        return;
      }
      const wrong = session.fault(filter, kind);
      session.state.setState({ fault: wrong });
      if (!wrong) void session.attempt(() => session.select(filter, kind, { signal: left.signal }));
      else if (afterMs === 0) field.current?.setSelectionRange(wrong.at, wrong.at + wrong.length);
    }, afterMs);
    asked.current = { left, timer };
  };
  const used = useRef(brushedBy);
  // What a plot chose reads as a filter that can be refined; what is let go (Esc, a lasso) does not stand there as if it chose.
  useEffect(() => {
    const { filter } = session.state.getState();
    const wasUsed = used.current !== undefined && used.current === filter;
    used.current = brushedBy;
    if (brushedBy !== undefined ? brushedBy !== filter : wasUsed)
      session.state.setState({ filter: brushedBy ?? '', fault: undefined });
  }, [brushedBy, session]);
  return (
    <div className={own.filter}>
      <div className={own.ghost} aria-hidden="true">
        <span style={{ marginLeft: -scrolled }}>
          {fault ? text.slice(0, fault.at) : text}
          {fault && <mark>{text.slice(fault.at, fault.at + fault.length) || ' '}</mark>}
        </span>
      </div>
      <input
        ref={field}
        className={parts.field}
        aria-label="Filter"
        aria-invalid={fault !== undefined}
        aria-describedby={fault ? 'filter-fault' : undefined}
        placeholder='area > 40 and class == "nucleus" and in_gland'
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={({ target: { value } }) => {
          session.state.setState({ filter: value, fault: undefined });
          use(value, PAUSE_MS);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') use(text, 0);
        }}
        onScroll={({ currentTarget }) => setScrolled(currentTarget.scrollLeft)}
      />
    </div>
  );
}
