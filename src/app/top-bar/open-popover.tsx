// Three ways in: a file of the disk, an address, a built-in sample.
import { Popover } from '@mantine/core';
import { IconFile, IconFolderOpen } from '@tabler/icons-react';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import type { SlideSource } from '#slide/open.ts';
import { SAMPLE_SEEDS } from '../commands/slide-commands.ts';
import { usePicked } from '../stores.ts';
import parts from '../styles/parts.module.css';
import css from '../styles/top-bar.module.css';
import { useOpenSource } from '../use-open-source.ts';
import { type Desk, useDesk } from '../workbench.ts';
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
  const desk = useDesk();
  const open = useOpenSource();
  const folder = useRef<HTMLInputElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const [address, setAddress] = useState('');
  const addressId = useId();
  const go = (source: SlideSource): void => {
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
          <IconFile size={14} stroke={1.6} />
          Choose a file
        </button>
        <button
          type="button"
          className={`${parts.button} ${parts.wide}`}
          style={{ marginTop: 6 }}
          onClick={() => void pickFolder(go, () => folder.current?.click())}
        >
          <IconFolderOpen size={14} stroke={1.6} />
          Choose a folder
        </button>
        <input
          ref={folder}
          type="file"
          hidden
          {...{ webkitdirectory: '' }}
          aria-label="Slide folder"
          onChange={(event) => {
            const files = [...(event.currentTarget.files ?? [])];
            if (files.length > 0) go(files);
          }}
        />
        <input
          ref={picker}
          type="file"
          hidden
          multiple
          aria-label="Slide file"
          onChange={(event) => {
            void takeFiles(desk, [...(event.currentTarget.files ?? [])], go);
          }}
        />
        <p className="t3" style={{ marginTop: 6 }}>
          One file, the files of one slide, or its folder (DICOM, OME-Zarr). Or drop it anywhere on this page. It is
          read in parts and not uploaded.
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
          A slide, info.json (IIIF), or a DICOMweb series. The host must let this page read it (CORS), in parts.
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

/** Files that are one slide open as one; several slides go into the queue. */
async function takeFiles(desk: Desk, files: readonly File[], open: (source: SlideSource) => void): Promise<void> {
  const [first] = files;
  if (!first) return;
  if (files.length === 1) return open(first);
  const [{ takeSlides }, { asked }] = await Promise.all([
    import('../runs-panel/take-slides.ts'),
    import('../runs-panel/asked.ts'),
  ]);
  desk.stores.window.setState({ popover: undefined });
  asked(desk, takeSlides(desk, { from: files, wanted: 'on screen' }, open));
}

/** By a handle, which reads what is needed, where the browser has one; `otherwise` asks for a list of all its files. */
async function pickFolder(open: (source: SlideSource) => void, otherwise: () => void): Promise<void> {
  if (!('showDirectoryPicker' in window) || typeof window.showDirectoryPicker !== 'function') return otherwise();
  const picked: unknown = await window.showDirectoryPicker().catch(() => undefined); // nothing was chosen
  if (picked instanceof FileSystemDirectoryHandle) open(picked);
}
