// Adding a model, step by step: read, described by a person, tried on patches, kept. What was begun stays while its sheet is
// closed.
import { createStore } from 'zustand/vanilla';
import { type Failure, failureOf, isAbort } from '#errors/failure.ts';
import type { ModelManifest, PatchManifest } from '#inference/manifest.ts';
import { type OwnChoices, toleranceFor } from '#inference/own/own-manifest.ts';
import { normalised, tryModel, whatSpeaksAgainst } from '#inference/own/trial.ts';
import { notOnGpu } from '#inference/own/webgpu-operators.ts';
import { parseManifest } from '#inference/parse-manifest.ts';
import type { Pixels } from '#slide/slide.ts';
import type { WizardNeeds } from '../lazy-wizard.ts';
import { modelFolder } from '../models.ts';
import { cutModel, type FolderRead, jsonOf, type NetworkRead, readFiles } from './draft.ts';
import { ownCard } from './own-card.ts';
import { forgetModel, keepModel } from './own-shelf.ts';
import { goldenPatch, samplePatches } from './sample-patches.ts';

/** What four patches said. */
export interface Tried {
  readonly manifest: PatchManifest;
  readonly from: string; //                       which patches, a sentence
  readonly patches: readonly Pixels[];
  readonly outputs: readonly { readonly name: string; readonly channels: number; readonly wrong: string | undefined }[];
  readonly classes: readonly (string | undefined)[]; // the likeliest by patch, where the model names classes
  readonly onCpu: readonly string[]; //           operators that a GPU in the browser is not known to compute
  readonly secondsPerPatch: number; //            on the processor
  readonly slidePatches: number | undefined; //   of all the slide's tissue
}

export interface WizardState {
  readonly read: NetworkRead | FolderRead | undefined;
  readonly choices: OwnChoices | undefined;
  readonly tried: Tried | undefined;
  readonly working: string | undefined;
  readonly problem: Failure | undefined;
  readonly added: string | undefined; //          the name of what was added last
}

const nothing: WizardState = {
  read: undefined,
  choices: undefined,
  tried: undefined,
  working: undefined,
  problem: undefined,
  added: undefined,
};

export class WizardSession {
  readonly store = createStore<WizardState>(() => nothing);
  readonly #needs: WizardNeeds;
  #working: AbortController | undefined;
  #folder: ReadonlyMap<string, Uint8Array<ArrayBuffer>> | undefined; // of what was tried

  constructor(needs: WizardNeeds) {
    this.#needs = needs;
  }

  /** An ONNX file, and what was dropped with it. */
  take(files: readonly File[]): Promise<void> {
    this.#folder = undefined;
    this.store.setState({ ...nothing });
    return this.#work('Reading the file', async () => {
      const read = await readFiles(files);
      this.store.setState({ read, choices: read.kind === 'network' ? proposed(read) : undefined });
    });
  }

  choose(change: Partial<OwnChoices>): void {
    this.#folder = undefined;
    this.store.setState(({ choices }) => ({ choices: choices && { ...choices, ...change }, tried: undefined }));
  }

  /** Runs four sample patches and the golden one through the network as it would be kept. */
  try(): Promise<void> {
    return this.#work('Trying it on four patches', async (waits) => {
      const { read, choices } = this.store.getState();
      if (read?.kind !== 'network' || !choices) return;
      const { onnx, operators, manifest } = await cutModel(read, choices);
      const { input } = manifest;
      const [samples, golden] = [await samplePatches(this.#needs, input, waits), await goldenPatch(input, waits)];
      const { mean, std } = choices.normalisation;
      const patches = [...samples.patches, golden].map(({ rgba }) => normalised(rgba, mean, std));
      const outputs = manifest.outputs.map(({ name }) => name);
      const asked = { onnx: onnx.slice(), input: input.name, side: input.window, patches, outputs };
      const found = await tryModel(asked, waits);
      const ofSamples = found.outputs.slice(0, -1);
      const told = manifest.outputs.map((output, k) => ({
        name: output.name,
        channels: 'channels' in output ? output.channels : 0,
        wrong: whatSpeaksAgainst(
          output.name,
          ofSamples.map((each) => each[k] ?? new Float32Array()),
        ),
      }));
      const answer = joined(found.outputs.at(-1) ?? []);
      const own = { ...manifest, golden: { ...manifest.golden, tolerance: toleranceFor(answer) } };
      const onCpu = notOnGpu(operators).map(({ type, count }) => (count > 1 ? `${type} (${count})` : type));
      const tried: Tried = {
        manifest: own,
        from: samples.from,
        patches: samples.patches,
        outputs: told,
        classes: classesOf(read, manifest, ofSamples),
        onCpu,
        secondsPerPatch: found.seconds,
        slidePatches: samples.count,
      };
      const card = ownCard(own, read.file, [
        samples.from,
        ...told.map(
          ({ name, channels, wrong }) => wrong ?? `${name}: ${channels} numbers a patch, which differ between patches`,
        ),
      ]);
      this.#folder = new Map([
        ['model.onnx', onnx],
        [own.golden.outputs, new Uint8Array(answer.buffer)],
        ['golden.png', await pngOf(golden)],
        ['README.md', card],
        ['model.json', jsonOf(own)],
      ]);
      this.store.setState({ tried });
    });
  }

  /** Onto the shelf, where it lies as the shipped ones do. */
  add(): Promise<void> {
    return this.#work('Keeping it', async () => {
      const { read, tried } = this.store.getState();
      const folder = read?.kind === 'folder' ? read.files : this.#folder;
      const manifest = read?.kind === 'folder' ? read.manifest : tried?.manifest;
      if (!folder || !manifest) return;
      const parsed = parseManifest(JSON.parse(new TextDecoder().decode(folder.get('model.json')))); // as the next visit reads it
      if ('storage' in navigator) navigator.storage.persist().catch(() => false); // not waited for: some browsers ask the user
      await keepModel(modelFolder(manifest.id), folder);
      const { models } = this.#needs.stores;
      models.setState(({ manifests }) => ({
        manifests: [...manifests.filter(({ id }) => id !== parsed.id), parsed],
      }));
      this.#folder = undefined;
      this.store.setState({ ...nothing, added: parsed.name });
    });
  }

  async remove({ id }: Pick<ModelManifest, 'id'>): Promise<void> {
    await forgetModel(modelFolder(id));
    const { models } = this.#needs.stores;
    models.setState(({ manifests }) => ({ manifests: manifests.filter((one) => one.id !== id) }));
  }

  cancel(): void {
    this.#working?.abort(new DOMException('It was cancelled.', 'AbortError'));
    this.#folder = undefined;
    this.store.setState({ ...nothing });
  }

  async #work(what: string, work: (waits: { readonly signal: AbortSignal }) => Promise<void>): Promise<void> {
    this.#working?.abort(new DOMException('Something else was asked for.', 'AbortError'));
    const mine = new AbortController();
    this.#working = mine;
    this.store.setState({ working: what, problem: undefined, added: undefined });
    try {
      await work(mine);
    } catch (thrown) {
      if (!mine.signal.aborted && !isAbort(thrown)) this.store.setState({ problem: failureOf(thrown) });
    } finally {
      if (this.#working === mine) this.store.setState({ working: undefined });
    }
  }
}

function proposed({ file, proposal, described }: NetworkRead): OwnChoices {
  const { window, isFixed, mpp, normalisation, taps } = proposal;
  const features = taps.filter(({ what }) => what !== 'classes');
  return {
    name: described?.name ?? file.replace(/\.onnx$/i, ''),
    licence: described?.licence ?? 'unknown',
    summary: described?.summary ?? `Encoder of patches, added from ${file}.`,
    mpp: mpp.value,
    window: window.value,
    isFixed,
    normalisation: normalisation.value,
    taps: features.length > 0 ? features : taps,
  };
}

/** The likeliest class of each patch, where the model's own scores are among what is taken. */
function classesOf(
  { proposal }: NetworkRead,
  { outputs }: PatchManifest,
  found: readonly (readonly Float32Array[])[],
): (string | undefined)[] {
  const at = outputs.findIndex(({ name }) => name === 'classes');
  if (at < 0) return [];
  return found.map((each) => {
    const scores = each[at] ?? new Float32Array();
    const best = scores.reduce((most, value, i) => (value > (scores[most] ?? 0) ? i : most), 0);
    return proposal.classes?.[best] ?? `class ${best + 1}`;
  });
}

function joined(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

async function pngOf({ rgba, width, height }: Pixels): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')?.putImageData(new ImageData(rgba, width, height), 0, 0);
  return new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
}
