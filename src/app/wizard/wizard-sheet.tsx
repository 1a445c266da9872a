// A model of one's own, in one column: what was read, what a person has to say about it, what four patches gave, and Add.
import { IconAlertTriangle, IconCheck, IconFileImport, IconFlask } from '@tabler/icons-react';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { describe } from '#errors/failure.ts';
import { NORMALISATIONS, type Normalisation, type Proposed } from '#inference/own/proposal.ts';
import type { Pixels } from '#slide/slide.ts';
import { useFileDialog } from '../file-dialog.tsx';
import { SheetFrame } from '../sheets/sheet.tsx';
import { usePicked } from '../stores.ts';
import parts from '../styles/parts.module.css';
import css from '../styles/wizard.module.css';
import { bytes, count, duration, plural } from '../words.ts';
import { useDesk } from '../workbench.ts';
import type { FolderRead, NetworkRead } from './draft.ts';
import type { Tried, WizardSession } from './wizard-session.ts';

export default function WizardSheet() {
  const { wizard } = useDesk();
  const [session, setSession] = useState<WizardSession>();
  useEffect(() => void wizard.session().then(setSession), [wizard]);
  return (
    <SheetFrame title="Add a model of your own">
      {session ? <Steps session={session} /> : <p className="t2">Loading.</p>}
    </SheetFrame>
  );
}

function Steps({ session }: { session: WizardSession }) {
  const { read, problem, working, added } = usePicked(session.store, (state) => state);
  return (
    <>
      <p className="t2">
        An .onnx file, or a model folder with its description (Eosin’s, WSInfer’s config.json, bioimage.io’s rdf.yaml).
        It stays in this browser.
      </p>
      <Choose session={session} />
      {problem && (
        <p role="alert" className={css.told}>
          <IconAlertTriangle size={14} stroke={1.6} aria-hidden />
          <span>{describe(problem)}</span>
        </p>
      )}
      {working !== undefined && (
        <p role="status" className="t2">
          {working}.
        </p>
      )}
      {added !== undefined && (
        <p role="status" className={css.told}>
          <IconCheck size={14} stroke={1.6} aria-hidden />
          <span>{added} is on the shelf.</span>
        </p>
      )}
      {read?.kind === 'network' && <Network session={session} read={read} />}
      {read?.kind === 'folder' && <Folder session={session} read={read} />}
    </>
  );
}

function Choose({ session }: { session: WizardSession }) {
  const onFiles = (chosen: readonly File[]): void => void session.take(chosen);
  const accept = '.onnx,.json,.yaml,.yml,.data,.bin,.png,.md';
  const files = useFileDialog({ label: 'Model files', what: 'files', accept, onFiles });
  const folder = useFileDialog({ label: 'Model folder', what: 'a folder', onFiles });
  return (
    <div className={css.buttons}>
      <button type="button" className={parts.button} onClick={files.open}>
        <IconFileImport size={14} stroke={1.6} aria-hidden />
        Choose files
      </button>
      <button type="button" className={parts.button} onClick={folder.open}>
        Choose a folder
      </button>
      <span className="t3">or drop them on the page</span>
      {files.input}
      {folder.input}
    </div>
  );
}

function Facts({ read }: { read: NetworkRead | FolderRead }) {
  const { facts } = read;
  const size = (dims: (typeof facts.inputs)[number]['dims']): string =>
    dims ? dims.map((dim) => (typeof dim === 'number' ? dim : dim || '?')).join(' × ') : 'no size stated';
  return (
    <>
      <h2>What was read</h2>
      <dl>
        <dt>File</dt>
        <dd>
          {bytes(facts.bytes)}, {count(facts.parameters)} parameters, {plural(facts.nodes, 'operation')}, opset{' '}
          {facts.opset ?? '?'}
        </dd>
        {facts.inputs.map(({ name, dims }) => (
          <Row key={`in ${name}`} name="In">
            {name}: {size(dims)}
          </Row>
        ))}
        {facts.outputs.map(({ name, dims }) => (
          <Row key={`out ${name}`} name="Out">
            {name}: {size(dims)}
          </Row>
        ))}
        <Row name="Operators">
          {facts.operators
            .slice(0, 8)
            .map(({ type, count: n }) => `${type} ${n}`)
            .join(', ')}
          {facts.operators.length > 8 && ` and ${facts.operators.length - 8} more`}
        </Row>
      </dl>
    </>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Folder({ session, read }: { session: WizardSession; read: FolderRead }) {
  return (
    <>
      <Facts read={read} />
      <p className="t2">
        A complete model folder: {read.manifest.name}, task {read.manifest.task}, licence {read.manifest.licence}. Its
        golden files are checked when it is first used.
      </p>
      <Add session={session} />
    </>
  );
}

function Network({ session, read }: { session: WizardSession; read: NetworkRead }) {
  const tried = usePicked(session.store, (state) => state.tried);
  const choices = usePicked(session.store, (state) => state.choices);
  const busy = usePicked(session.store, ({ working }) => working !== undefined);
  if (!choices) return null;
  const { proposal, givesMaps } = read;
  const toggle = (tensor: string): void =>
    session.choose({
      taps: proposal.taps.filter(
        (tap) => choices.taps.some((one) => one.tensor === tap.tensor) !== (tap.tensor === tensor),
      ),
    });
  const off = busy || choices.taps.length === 0;
  return (
    <>
      <Facts read={read} />
      <h2>What it will be</h2>
      <p className="t2">
        An encoder of patches: its features go into attention and Learn.
        {givesMaps && ' Its maps are not outlined: for that a manifest has to say what they mean.'}
      </p>
      {proposal.contradictions.map((sentence) => (
        <p key={sentence} className={css.told}>
          <IconAlertTriangle size={14} stroke={1.6} aria-hidden />
          <span>{sentence}</span>
        </p>
      ))}
      <div className={css.form}>
        <TextField label="Name" value={choices.name} onChange={(name) => session.choose({ name })} />
        <TextField label="Licence" value={choices.licence} onChange={(licence) => session.choose({ licence })} />
        <NumberField
          label="Patch, px"
          value={choices.window}
          fixed={choices.isFixed}
          hint={hintOf(proposal.window)}
          onChange={(window) => session.choose({ window: Math.round(window) })}
        />
        <NumberField
          label="µm a px"
          value={choices.mpp}
          hint={hintOf(proposal.mpp)}
          onChange={(mpp) => session.choose({ mpp })}
        />
        <NormalisationField session={session} value={choices.normalisation} hint={hintOf(proposal.normalisation)} />
      </div>
      <h2>Features taken</h2>
      <p className="t3">The graph is cut there: what comes later is not computed.</p>
      <ul className={css.taps}>
        {proposal.taps.map(({ tensor, output, channels, shape, side, what }) => (
          <li key={tensor}>
            <label>
              <input
                type="checkbox"
                checked={choices.taps.some((one) => one.tensor === tensor)}
                onChange={() => toggle(tensor)}
              />
              <span>
                {output}: {plural(channels, 'number')}
                {side !== undefined &&
                  (shape === 'map' ? `, mean of a map of ${side} × ${side}` : `, mean of ${side} tokens`)}
                {what === 'classes' && ', its own classes'}
              </span>
            </label>
          </li>
        ))}
      </ul>
      <div className={css.buttons}>
        <button
          type="button"
          className={parts.button}
          aria-disabled={off || undefined}
          onClick={() => !off && void session.try()}
        >
          <IconFlask size={14} stroke={1.6} aria-hidden />
          Try it on four patches
        </button>
      </div>
      {tried && <Seen tried={tried} />}
      {tried && <Add session={session} />}
    </>
  );
}

const hintOf = <T,>({ from, isGuess }: Proposed<T>): string => (isGuess ? `A guess: ${from}.` : `From ${from}.`);

function TextField({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const id = useId();
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <input id={id} value={value} onChange={(event) => onChange(event.target.value)} />
      <span />
    </>
  );
}

function NumberField(props: {
  label: string;
  value: number;
  hint: string;
  fixed?: boolean;
  onChange: (value: number) => void;
}) {
  const { label, value, hint, fixed = false, onChange } = props;
  const id = useId();
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="number"
        step="any"
        min="0.01"
        value={value}
        readOnly={fixed}
        aria-describedby={`${id}h`}
        onChange={(event) => event.target.valueAsNumber > 0 && onChange(event.target.valueAsNumber)}
      />
      <span id={`${id}h`} className="t3">
        {hint}
      </span>
    </>
  );
}

function NormalisationField(props: { session: WizardSession; value: Normalisation; hint: string }) {
  const { session, value, hint } = props;
  const id = useId();
  const known = Object.entries(NORMALISATIONS).find(
    ([, { mean, std }]) => mean.every((m, i) => m === value.mean[i]) && std.every((s, i) => s === value.std[i]),
  );
  return (
    <>
      <label htmlFor={id}>Colours</label>
      <select
        id={id}
        className={parts.select}
        value={known?.[0] ?? 'described'}
        aria-describedby={`${id}h`}
        onChange={(event) => {
          const found = Object.entries(NORMALISATIONS).find(([name]) => name === event.target.value)?.[1];
          if (found) session.choose({ normalisation: { mean: found.mean, std: found.std } });
        }}
      >
        {!known && <option value="described">As its description says</option>}
        {Object.entries(NORMALISATIONS).map(([name, { label }]) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </select>
      <span id={`${id}h`} className="t3">
        {hint}
      </span>
    </>
  );
}

function Seen({ tried }: { tried: Tried }) {
  const { from, patches, outputs, classes, onCpu, secondsPerPatch, slidePatches } = tried;
  return (
    <>
      <h2>What four patches gave</h2>
      <p className="t2">{from}</p>
      <div className={css.patches}>
        {patches.map((pixels, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a patch is its place
          <figure key={i}>
            <Picture pixels={pixels} />
            {classes[i] !== undefined && <figcaption>{classes[i]}</figcaption>}
          </figure>
        ))}
      </div>
      <ul>
        {outputs.map(({ name, channels, wrong }) => (
          <li key={name}>
            {wrong !== undefined
              ? `${wrong}: check size and colours, or leave it out.`
              : `${name}: ${plural(channels, 'number')} a patch, none of them NaN, and they differ between patches.`}
          </li>
        ))}
        <li>
          {onCpu.length === 0
            ? 'A GPU in the browser should compute every operator; what it really does is seen when the model is first used.'
            : `Not known to run on a GPU in the browser: ${onCpu.join(', ')}. It will run on the processor.`}
        </li>
        <li>
          {duration(secondsPerPatch)} a patch on this processor
          {slidePatches !== undefined &&
            `; all tissue of this slide, ${plural(slidePatches, 'patch', 'patches')}, takes about ${duration(secondsPerPatch * slidePatches)}`}
          .
        </li>
      </ul>
    </>
  );
}

function Picture({ pixels: { rgba, width, height } }: { pixels: Pixels }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(new ImageData(rgba, width, height), 0, 0);
  }, [rgba, width, height]);
  return <canvas ref={canvas} width={width} height={height} aria-hidden />;
}

function Add({ session }: { session: WizardSession }) {
  const tried = usePicked(session.store, (state) => state.tried);
  const busy = usePicked(session.store, ({ working }) => working !== undefined);
  const wrong = tried?.outputs.some((output) => output.wrong !== undefined) ?? false;
  const off = busy || wrong;
  return (
    <div className={css.buttons}>
      <button
        type="button"
        className={`${parts.button} ${parts.main}`}
        aria-disabled={off || undefined}
        onClick={() => !off && void session.add()}
      >
        Add
      </button>
      <button type="button" className={parts.button} onClick={() => session.cancel()}>
        Put it away
      </button>
    </div>
  );
}
