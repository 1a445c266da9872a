// Slides labelled as a whole, and attention that learns from them.
import { IconFolders, IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useFileDialog } from '../file-dialog.tsx';
import { IconButton } from '../icon-button.tsx';
import { Section } from '../inspector/section.tsx';
import { pathed } from '../learn/picture-folders.ts';
import { SmallButton } from '../small-button.tsx';
import type { BagSummary } from '../stores/learn-store.ts';
import { notify } from '../stores/window-store.ts';
import css from '../styles/inspector.module.css';
import learn from '../styles/learn.module.css';
import { count } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { AttentionSection } from './attention-section.tsx';
import { useEncoders } from './use-encoders.ts';
import { useLearn, useLearnt } from './use-learn.ts';

export function SlidesPart() {
  return (
    <>
      <BagsSection />
      <AttentionSection />
    </>
  );
}

function BagsSection() {
  const { stores } = useDesk();
  const session = useLearn();
  const bags = useLearnt((state) => state.bags);
  const shelf = useEncoders();
  const nameOf = (id: string): string => shelf.find((one) => one.id === id)?.name ?? id;
  const busy = useLearnt(({ working }) => working !== undefined);
  const dialog = useFileDialog({
    label: 'Folder of bags',
    what: 'a folder',
    onFiles: (files) => void session.slides.addFolders(pathed(files)),
  });
  const add = (): void => {
    const why = session.slides.add();
    if (why !== undefined) notify(stores.window, { text: why, tone: 'warn', seconds: 6 });
  };
  return (
    <Section
      id="labels"
      title="Slides"
      buttons={
        <>
          <SmallButton kind="quiet" icon={IconPlus} onClick={add}>
            This slide
          </SmallButton>
          <SmallButton kind="quiet" icon={IconFolders} off={busy} onClick={dialog.open}>
            Folders of pictures
          </SmallButton>
          {dialog.input}
        </>
      }
    >
      {bags.length === 0 ? (
        <p className={`t2 ${css.p}`}>
          Embed a slide’s tissue, add it here, and write what the whole slide is. Then open the next one: what was
          embedded stays on this disk. Folders of pictures are bags too: each is one, and the folder it lies in names
          its label.
        </p>
      ) : (
        <table className={`${css.table} ${learn.table}`}>
          <thead>
            <tr>
              <th>Slide</th>
              <th>Encoder</th>
              <th className={css.n}>Patches</th>
              <th>Label</th>
              <th>Patient</th>
              <th>
                <span className="unseen">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {bags.map((bag) => (
              <BagRow key={bag.id} bag={bag} encoder={nameOf(bag.encoder)} />
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}

function BagRow({ bag, encoder }: { bag: BagSummary; encoder: string }) {
  const session = useLearn();
  return (
    <tr data-chosen={bag.isOpen}>
      <td className={learn.ell} title={bag.name}>
        {bag.name}
      </td>
      <td className={learn.ell} title={encoder}>
        {encoder}
      </td>
      <td className={css.n}>{count(bag.patches)}</td>
      <td>
        <Field
          label={`Label of ${bag.name}`}
          value={bag.label}
          onChange={(label) => session.bags.set(bag.id, { label })}
        />
      </td>
      <td>
        <Field
          label={`Patient of ${bag.name}`}
          value={bag.group}
          onChange={(group) => session.bags.set(bag.id, { group })}
        />
      </td>
      <td className={learn.actions}>
        <IconButton small label={`Remove ${bag.name}`} icon={IconX} onClick={() => session.bags.remove(bag.id)} />
      </td>
    </tr>
  );
}

function Field({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  return (
    <input
      className={learn.field}
      aria-label={label}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => text !== value && onChange(text)}
      onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
    />
  );
}
