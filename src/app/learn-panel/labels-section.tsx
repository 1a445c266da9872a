// Classes and what was labelled of each; what to label next.
import { IconDownload, IconFolders, IconLasso, IconPlus, IconUpload, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useFileDialog } from '../file-dialog.tsx';
import { IconButton } from '../icon-button.tsx';
import { Section } from '../inspector/section.tsx';
import { PATCHES } from '../learn/noun.ts';
import { pathed } from '../learn/picture-folders.ts';
import { PatchPicture } from '../patch-picture.tsx';
import { SmallButton } from '../small-button.tsx';
import type { LabelClass, Patch } from '../stores/learn-store.ts';
import { notify } from '../stores/window-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import learn from '../styles/learn.module.css';
import { count, plural } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { saveLabels } from './save.ts';
import { useEncoders } from './use-encoders.ts';
import { useLabelled, useLabelling, useLearn, useLearnt } from './use-learn.ts';
import { figure } from './whiskers.tsx';

export function LabelsSection() {
  const session = useLabelling();
  const desk = useDesk();
  const { many, read } = session.noun;
  const classes = useLabelled((state) => state.classes);
  const embedded = useLabelled(({ sets }) => sets.length > 0);
  const add = (): void => {
    const index = session.labels.addClass(freeName(classes));
    session.setCurrent(session.store.getState().current === index ? undefined : index);
  };
  const buttons = (
    <>
      <SmallButton kind="quiet" icon={IconPlus} onClick={add}>
        Class
      </SmallButton>
      <Lasso />
      <Import />
      {session.noun === PATCHES && <PickPictures />}
      <SmallButton
        kind="quiet"
        icon={IconDownload}
        off={session.labels.size === 0}
        onClick={() => saveLabels(desk, session)}
      >
        Save
      </SmallButton>
    </>
  );
  return (
    <Section id="labels" title="Labels" buttons={buttons}>
      {classes.length === 0 && (
        <p className={`t2 ${css.p}`}>
          Add two classes, choose one, then click {many} on the slide, or draw around them.
          {session.noun === PATCHES && ' Labels hold for every encoder.'}
        </p>
      )}
      {classes.map((of, index) => (
        <ClassRow key={`${of.color} ${of.name}`} of={of} index={index} />
      ))}
      {classes.length > 0 && !embedded && (
        <p className={`t2 ${css.p} ${css.gap}`}>
          To label {many}, first {read}.
        </p>
      )}
      {session.noun === PATCHES && <Pictures />}
      <Next />
    </Section>
  );
}

/** Drawn freehand around patches, they get the chosen class. */
function Lasso() {
  const { stores, invoke } = useDesk();
  const drawing = usePicked(stores.view, ({ tool }) => tool === 'lasso');
  return (
    <SmallButton kind="quiet" icon={IconLasso} pressed={drawing} onClick={() => invoke('learn.lasso')}>
      Lasso
    </SmallButton>
  );
}

/** A folder whose sub-folders are classes of pictures: all of them labelled at once. */
function PickPictures() {
  const session = useLearn();
  const busy = useLearnt(({ working }) => working !== undefined);
  const dialog = useFileDialog({
    label: 'Folder of classes',
    what: 'a folder',
    onFiles: (files) => void session.takePictures(pathed(files)),
  });
  return (
    <>
      <SmallButton kind="quiet" icon={IconFolders} off={busy} onClick={dialog.open}>
        Class folders
      </SmallButton>
      {dialog.input}
    </>
  );
}

/** What is learnt from beside the labels on the slide. */
function Pictures() {
  const session = useLearn();
  const shelf = useEncoders();
  const pictures = useLearnt((state) => state.pictures);
  if (!pictures) return null;
  const { encoder, classes, refused } = pictures;
  const name = shelf.find((one) => one.id === encoder)?.name ?? encoder;
  const each = classes.map((of) => `${of.name} ${count(of.count)}`).join(', ');
  return (
    <div className={learn.embed}>
      <span className="grow">
        <span className="b">{plural(pictures.pictures, 'picture')}</span>{' '}
        <span className="t2">
          in class folders: {each}. Heads on {name} learn from them too.
          {refused > 0 && ` ${plural(refused, 'file')} could not be read as a picture.`}
        </span>
      </span>
      <IconButton small label="Put the pictures away" icon={IconX} onClick={() => session.forgetPictures()} />
    </div>
  );
}

/** Annotations of QuPath, or labels that were saved here. */
function Import() {
  const session = useLabelling();
  const { stores } = useDesk();
  const take = async (file: File): Promise<void> => {
    try {
      const { rows, refused } = await session.importLabels(file);
      const without = refused > 0 ? ` ${plural(refused, 'feature')} had no class or no area.` : '';
      notify(stores.window, {
        text: `${plural(rows, session.noun.one, session.noun.many)} labelled.${without}`,
        tone: 'good',
        seconds: 6,
      });
    } catch (thrown) {
      notify(stores.window, { text: thrown instanceof Error ? thrown.message : String(thrown), tone: 'bad' });
    }
  };
  const dialog = useFileDialog({
    label: 'Labels file',
    what: 'a file',
    accept: '.geojson,.json',
    onFiles: ([file]) => file && void take(file),
  });
  return (
    <>
      <SmallButton kind="quiet" icon={IconUpload} onClick={dialog.open}>
        Import
      </SmallButton>
      {dialog.input}
    </>
  );
}

function ClassRow({ of, index }: { of: LabelClass; index: number }) {
  const session = useLabelling();
  const chosen = useLabelled(({ current }) => current === index);
  const [name, setName] = useState(of.name);
  const [why, setWhy] = useState<string>();
  const rename = (): void => {
    try {
      session.labels.renameClass(index, name);
      setWhy(undefined);
    } catch (thrown) {
      setWhy(thrown instanceof Error ? thrown.message : String(thrown));
      setName(of.name);
    }
  };
  return (
    <div className={learn.class} data-chosen={chosen}>
      <button
        type="button"
        className={learn.choose}
        aria-pressed={chosen}
        aria-label={`Label as ${of.name}, key ${index + 1}`}
        onClick={() => session.setCurrent(index)}
      >
        <i style={{ background: of.color }} />
      </button>
      <span className={learn.className}>
        <input
          value={name}
          aria-label={`Name of class ${index + 1}`}
          onChange={(event) => setName(event.target.value)}
          onBlur={rename}
          onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
        />
        <span>{why ?? `key ${index + 1}`}</span>
      </span>
      <span className={learn.examples}>
        {of.examples.map((patch) => (
          <PatchButton
            key={patch.row}
            patch={patch}
            label={`Labelled ${of.name}: go to ${session.noun.one} ${patch.row + 1}`}
          />
        ))}
      </span>
      <span className={`b ${learn.count}`}>{count(of.count)}</span>
      <IconButton
        small
        label={`Remove ${of.name} with ${plural(of.count, 'label')}`}
        icon={IconX}
        onClick={() => session.labels.removeClass(index)}
      />
    </div>
  );
}

export function PatchButton({ patch, label, caption }: { patch: Patch; label: string; caption?: string }) {
  const session = useLabelling();
  return (
    <button type="button" className={learn.patch} aria-label={label} onClick={() => session.goTo(patch)}>
      <PatchPicture box={patch.box} />
      {caption !== undefined && <span className={learn.caption}>{caption}</span>}
    </button>
  );
}

function Next() {
  const { one } = useLabelling().noun;
  const next = useLabelled((state) => state.next);
  if (next.length === 0) return null;
  return (
    <>
      <p className={`${css.p} ${css.gap}`}>
        <span className="b">Label these next</span> <span className="t3">the head is least sure of them</span>
      </p>
      <div className={learn.next}>
        {next.map((patch) => (
          <PatchButton
            key={patch.row}
            patch={patch}
            label={`Not sure, probability ${figure(patch.probability)}: go to ${one} ${patch.row + 1}`}
            caption={figure(patch.probability)}
          />
        ))}
      </div>
    </>
  );
}

const freeName = (classes: readonly LabelClass[]): string => {
  for (let number = classes.length + 1; ; number++) {
    const name = `Class ${number}`;
    if (classes.every((one) => one.name !== name)) return name;
  }
};
