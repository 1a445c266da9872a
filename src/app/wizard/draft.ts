// A model on its way to the shelf: what was dropped, read; what a person chose for it; the folder that comes of it.
import { EosinError } from '#errors/failure.ts';
import type { ModelManifest } from '#inference/manifest.ts';
import { COLOURS_FIRST, cutAt } from '#inference/own/cut.ts';
import { type Description, readDescription } from '#inference/own/description.ts';
import { withExternalData } from '#inference/own/external-data.ts';
import { MOST_BYTES, type OnnxFacts, readOnnx } from '#inference/own/onnx-facts.ts';
import { hashOf, type OwnChoices, ownId, ownManifest } from '#inference/own/own-manifest.ts';
import { type Proposal, proposalFor } from '#inference/own/proposal.ts';
import { gflopPerMegapixelOf } from '#inference/own/taps.ts';
import { purposeOf } from '#inference/own/use.ts';
import { parseManifest } from '#inference/parse-manifest.ts';

type Bytes = Uint8Array<ArrayBuffer>;
export type Files = ReadonlyMap<string, Bytes>;

/** A bare network, to be described. */
export interface NetworkRead {
  readonly kind: 'network';
  readonly file: string;
  readonly onnx: Bytes;
  readonly facts: OnnxFacts;
  readonly input: string;
  readonly coloursLast: boolean; // of its input
  readonly givesMaps: boolean;
  readonly proposal: Proposal;
  readonly described: Description | undefined;
}

/** A model folder of Eosin's, complete: it is kept as it is, under an id of its own. */
export interface FolderRead {
  readonly kind: 'folder';
  readonly facts: OnnxFacts;
  readonly manifest: ModelManifest;
  readonly files: Files;
}

const MOST_GOLDEN = 64 * 2 ** 20; // bytes
const bytesOf = async (file: File): Promise<Bytes> => new Uint8Array(await file.arrayBuffer());

/**
 * @param files as dropped: an ONNX file, and what describes it or belongs to it
 * @throws EosinError ModelInvalid, ModelHash, BadInput: whatever keeps it from being used
 */
export async function readFiles(files: readonly File[]): Promise<NetworkRead | FolderRead> {
  const [network, another] = files.filter(({ name }) => /\.onnx$/i.test(name));
  if (!network) {
    const seen = files.map(({ name }) => name).join(', ') || 'nothing';
    throw new EosinError({
      tag: 'BadInput',
      what: 'A model',
      seen,
      todo: 'Choose an .onnx file, and what describes it.',
    });
  }
  if (another) {
    const seen = `${network.name} and ${another.name}`;
    throw new EosinError({ tag: 'BadInput', what: 'Two models at once', seen, todo: 'Drop one after the other.' });
  }
  if (network.size > MOST_BYTES)
    throw invalid(network.name, `it holds ${network.size} bytes`, `The most is ${MOST_BYTES}.`);
  const manifest = files.find(({ name }) => name === 'model.json');
  if (manifest) return readFolder(network, manifest, files);
  const beside = new Map<string, Bytes>();
  const raw = await bytesOf(network);
  for (const file of files)
    if (file !== network && /\.data$|\.bin$|_data$/i.test(file.name)) beside.set(file.name, await bytesOf(file));
  const onnx = beside.size > 0 ? withExternalData(raw, beside, network.name) : raw;
  const facts = readOnnx(onnx, network.name);
  const use = purposeOf(facts, network.name);
  if (use.kind === 'rows') {
    const seen = `it reads ${use.channels} features a patch, and nothing says whose`;
    throw invalid(network.name, seen, 'Drop its model.json and golden files with it, as Learn saves them.');
  }
  const described = await descriptionIn(files);
  const proposal = proposalFor(onnx, use, network.name, described);
  if (proposal.taps.length === 0)
    throw invalid(
      network.name,
      'none of its tensors has a shape that Eosin can work out',
      'Export it with shapes inferred, and with one vector a patch as its output.',
    );
  return {
    kind: 'network',
    file: network.name,
    onnx,
    facts,
    input: use.input.name,
    coloursLast: use.coloursLast,
    givesMaps: use.output === 'maps',
    proposal,
    described,
  };
}

const invalid = (model: string, seen: string, todo: string): EosinError =>
  new EosinError({ tag: 'ModelInvalid', model, seen, todo });

async function descriptionIn(files: readonly File[]): Promise<Description | undefined> {
  for (const file of files) {
    if (!/\.(json|ya?ml)$/i.test(file.name)) continue;
    const found = await readDescription(file.name, await file.text());
    if (found) return found;
  }
  return undefined;
}

async function readFolder(network: File, description: File, files: readonly File[]): Promise<FolderRead> {
  const onnx = await bytesOf(network);
  const facts = readOnnx(onnx, network.name);
  let json: unknown;
  try {
    json = JSON.parse(await description.text());
  } catch (cause) {
    throw new EosinError(invalid(network.name, 'its model.json is not JSON', 'Copy the folder again.').failure, {
      cause,
    });
  }
  const manifest = parseManifest(json);
  const seen = await hashOf(onnx);
  if (seen !== manifest.sha256)
    throw new EosinError({ tag: 'ModelHash', model: manifest.id, expected: manifest.sha256, seen });
  const { golden } = manifest;
  const named = ['image' in golden ? golden.image : golden.features, golden.outputs];
  const folder = new Map([[manifest.file, onnx]]);
  for (const name of named) {
    const file = files.find((each) => each.name === name);
    if (!file) throw invalid(manifest.id, `its ${name} is missing`, 'Drop the whole folder.');
    if (file.size > MOST_GOLDEN)
      throw invalid(manifest.id, `its ${name} holds ${file.size} bytes`, 'Copy the folder again.');
    folder.set(name, await bytesOf(file));
  }
  const card = files.find(({ name }) => name === 'README.md');
  if (card) folder.set('README.md', await bytesOf(card));
  const id = await ownId(manifest.name, manifest);
  const own = { ...manifest, id };
  folder.set('model.json', jsonOf(own));
  return { kind: 'folder', facts, manifest: own, files: folder };
}

export const jsonOf = (manifest: ModelManifest): Bytes =>
  new TextEncoder().encode(
    `${JSON.stringify('tasks' in manifest ? manifest : { ...manifest, tasks: {} }, undefined, 2)}\n`,
  );

/** Cut at the chosen taps, with its manifest; golden files are still to come. */
export async function cutModel({ onnx, file, input, coloursLast }: NetworkRead, choices: OwnChoices) {
  const cut = cutAt(onnx, choices.taps, coloursLast ? input : undefined);
  const { operators, parameters } = readOnnx(cut, file);
  const name = coloursLast ? COLOURS_FIRST : input;
  const gflopPerMegapixel = gflopPerMegapixelOf(cut, { name, coloursLast: false, side: choices.window });
  const counted = { input: name, parameters, gflopPerMegapixel };
  return { onnx: cut, operators, manifest: await ownManifest(choices, cut, counted) };
}
