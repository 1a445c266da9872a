// The manifest of a model that somebody added.
import type { PatchManifest } from '../manifest.ts';
import type { Normalisation } from './proposal.ts';
import type { TapFound } from './taps.ts';

/** What a person agreed to. */
export interface OwnChoices {
  readonly name: string;
  readonly licence: string; // 'unknown' where nobody says
  readonly summary: string;
  readonly mpp: number;
  readonly window: number; // px
  readonly isFixed: boolean;
  readonly normalisation: Normalisation;
  readonly taps: readonly TapFound[];
}

/** Added models begin so, and no shipped one does: two of one name cannot meet. */
const OWN = 'own-';
export const isOwn = (id: string): boolean => id.startsWith(OWN);

const MULTIPLE = 32; // px: the strides of usual networks
const GOLDEN = { image: 'golden.png', outputs: 'golden.bin' };
const LEAST_TOLERANCE = 0.01;
/**
 * Of the largest feature. Rounding to fp16 moves the shipped encoders' by .02 to .03 % (graphs in fp16 on the processor; 12
 * tiles, PyTorch in fp16: .02 %); what a provider computes wrongly moved whole maps by more than 10 %. Between the two, thirty
 * times the first.
 */
const SHARE_TOLERATED = 0.01;

/** @param onnx as it is kept: cut at the taps */
export async function ownManifest(
  choices: OwnChoices,
  onnx: Uint8Array<ArrayBuffer>,
  counted: { readonly input: string; readonly parameters: number; readonly gflopPerMegapixel: number },
): Promise<PatchManifest> {
  const { name, licence, summary, mpp, window, isFixed, normalisation, taps } = choices;
  const sha256 = await hashOf(onnx);
  const body = {
    schema: 1,
    name,
    version: '1.0.0',
    task: 'encoder',
    summary,
    licence,
    licenceNote:
      licence === 'unknown'
        ? 'Whoever added it did not say. Ask its authors before results are shared.'
        : 'As stated by whoever added it.',
    data: ['not stated'],
    metrics: [],
    file: 'model.onnx',
    bytes: onnx.length,
    sha256,
    parameters: counted.parameters,
    gflopPerMegapixel: Number(counted.gflopPerMegapixel.toPrecision(3)),
    input: {
      name: counted.input,
      mpp,
      layout: 'NCHW',
      channels: 'RGB',
      mean: normalisation.mean,
      std: normalisation.std,
      window,
      margin: 0,
      multiple: isFixed || window % MULTIPLE !== 0 ? window : MULTIPLE,
    },
    outputs: taps.map(({ output, channels }) => ({ name: output, kind: 'pooled', channels }) as const),
    tasks: { nuclei: undefined, glands: undefined, lumina: undefined },
    golden: { ...GOLDEN, tolerance: LEAST_TOLERANCE },
  } as const;
  return { ...body, id: await ownId(name, body) };
}

/** The same for the same model under the same choices; another for anything else. */
export async function ownId(name: string, body: object): Promise<string> {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40);
  const hash = await hashOf(new TextEncoder().encode(JSON.stringify(body)));
  return `${OWN}${slug || 'model'}-${hash.slice(0, 6)}`;
}

/** How far a device may be off, by what the golden patch made: features know no bounds, unlike probabilities. */
export const toleranceFor = (golden: Float32Array): number =>
  Math.max(LEAST_TOLERANCE, SHARE_TOLERATED * golden.reduce((most, value) => Math.max(most, Math.abs(value)), 0));

export async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
