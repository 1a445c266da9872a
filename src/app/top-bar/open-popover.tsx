// Three ways in: a file of the disk, an address, a built-in sample.
import { Popover } from '@mantine/core';
import { IconFolderOpen } from '@tabler/icons-react';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { SAMPLE_SEEDS } from '../commands/slide-commands.ts';
import { usePicked } from '../stores.ts';
import parts from '../styles/parts.module.css';
import css from '../styles/top-bar.module.css';
import { useOpenSource } from '../use-open-source.ts';
import { useDesk } from '../workbench.ts';
import { OpenButton } from './open-button.tsx';

/** Stands in for OpenButton once it was used; loaded then. */
export default function OpenPopover() {
  const { stores } = useDesk();
  const wanted = usePicked(stores.window, ({ popover }) => popover === 'open');
  const set = (open: boolean): void => stores.window.setState({ popover: open ? 'open' : undefined });
  // The button takes the focus of the one that it stands in for before the popover opens, so that it goes back there.
  const button = useRef<HTMLSpanElement>(null);
  const [opened, setOpened] = useState(false);
  useEffect(() => {
    if (wanted) button.current?.querySelector('button')?.focus();
    setOpened(wanted);
  }, [wanted]);
  return (
    <Popover opened={opened} onChange={set} position="bottom-start" offset={4} trapFocus returnFocus withRoles={false}>
      <Popover.Target>
        <span className="row" ref={button}>
          <OpenButton onClick={() => set(!opened)} />
        </span>
      </Popover.Target>
      <Popover.Dropdown p={0} role="dialog" aria-label="Open a slide">
        <OpenForm close={() => set(false)} />
      </Popover.Dropdown>
    </Popover>
  );
}

function OpenForm({ close }: { close: () => void }) {
  const open = useOpenSource();
  const picker = useRef<HTMLInputElement>(null);
  const [address, setAddress] = useState('');
  const addressId = useId();
  const go = (source: string | Blob): void => {
    close();
    open(source);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (address.trim() !== '') go(address.trim());
  };
  return (
    <form className={css.openForm} onSubmit={submit}>
      <div>
        <h2>From this computer</h2>
        <button
          type="button"
          className={`${parts.button} ${parts.wide}`}
          onClick={() => picker.current?.click()}
          data-autofocus
        >
          <IconFolderOpen size={14} stroke={1.6} />
          Choose a file
        </button>
        <input
          ref={picker}
          type="file"
          hidden
          aria-label="Slide file"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            if (file) go(file);
          }}
        />
        <p className="t3" style={{ marginTop: 6 }}>
          SVS, TIFF, OME-TIFF, PNG, JPEG. Or drop it anywhere on this page. It is read in parts and not uploaded.
        </p>
      </div>
      <div>
        <h2>
          <label htmlFor={addressId}>From an address</label>
        </h2>
        <div className="row">
          <input
            id={addressId}
            className={`${parts.field} grow`}
            type="text"
            inputMode="url"
            placeholder="https://…"
            value={address}
            onChange={(event) => setAddress(event.currentTarget.value)}
          />
          <button type="submit" className={parts.button}>
            Open
          </button>
        </div>
        <p className="t3" style={{ marginTop: 6 }}>
          The host must send byte ranges and let this page read (CORS).
        </p>
      </div>
      <div>
        <h2>Built-in samples, synthetic colon</h2>
        <div className={css.samples}>
          {SAMPLE_SEEDS.map((seed) => (
            <button key={seed} type="button" className={parts.button} onClick={() => go(`phantom:${seed}`)}>
              {seed}
            </button>
          ))}
        </div>
      </div>
    </form>
  );
}
