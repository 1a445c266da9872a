// The most and the least attended patches under the slide; one that is chosen is gone to.
import { IconDownload, IconX } from '@tabler/icons-react';
import { type KeyboardEvent, useRef } from 'react';
import { centreOf } from '#units/rect.ts';
import { IconButton } from './icon-button.tsx';
import { PatchPicture } from './patch-picture.tsx';
import { Segments } from './segments.tsx';
import { SmallButton } from './small-button.tsx';
import type { AttendedPatch } from './stores/attention-store.ts';
import { usePicked } from './stores.ts';
import css from './styles/attention.module.css';
import { measure } from './words.ts';
import { useDesk } from './workbench.ts';

const ENDS = [
  { value: 'most', label: 'Most' },
  { value: 'least', label: 'Least' },
] as const;

export default function AttentionStrip() {
  const { stores, viewer, invoke } = useDesk();
  const findings = usePicked(stores.attention, (state) => state.findings);
  const end = usePicked(stores.attention, (state) => state.end);
  const current = usePicked(stores.attention, (state) => state.current);
  const scale = usePicked(stores.layers, ({ attention }) => attention.scale);
  const list = useRef<HTMLOListElement>(null);
  if (!findings) return null;
  const go = ({ row, box }: AttendedPatch): void => {
    stores.attention.setState({ current: row });
    viewer.glideTo(centreOf(box));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])];
    const now = buttons.findIndex((button) => button.matches(':focus'));
    buttons[Math.min(buttons.length - 1, Math.max(0, now + step))]?.focus();
  };
  return (
    <section className={css.strip} aria-label="Top patches" data-region="strip">
      <div className={css.head}>
        <h2>Top patches</h2>
        <span className="t3 grow ell">{end} attended first; select one to go there</span>
        <div className={css.ends}>
          <Segments
            label="Which patches"
            options={ENDS}
            value={end}
            onChange={(value) => stores.attention.setState({ end: value })}
          />
        </div>
        <SmallButton kind="quiet" icon={IconDownload} onClick={() => invoke('attention.saveCSV')}>
          CSV
        </SmallButton>
        <SmallButton kind="quiet" icon={IconDownload} onClick={() => invoke('attention.saveGeoJSON')}>
          GeoJSON
        </SmallButton>
        <IconButton
          small
          label="Close the strip"
          icon={IconX}
          onClick={() => stores.attention.setState({ strip: false })}
        />
      </div>
      <ol ref={list} className={css.patches} onKeyDown={onKeyDown}>
        {findings[end].map((patch, index) => (
          <li key={patch.row}>
            <button type="button" aria-current={patch.row === current} onClick={() => go(patch)}>
              <PatchPicture box={patch.box} />
              <span className={css.caption}>
                <span>
                  <span className="unseen">Patch </span>
                  {index + 1}
                </span>
                <span>
                  <span className="unseen">attention </span>
                  {written(patch.value, scale)}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Raw weights are small: three digits that matter. */
const written = (value: number, scale: string): string =>
  scale === 'raw' ? (value < 0.001 ? value.toExponential(0) : measure(value)) : value.toFixed(2);
