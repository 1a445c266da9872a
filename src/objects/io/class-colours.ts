// Colours of classes that come without one: those that Eosin draws such classes in itself, QuPath's defaults, then others.
import type { ObjectKind } from '../columns.ts';

const KNOWN: Readonly<Record<string, string>> = {
  epithelial: '#ff7a1a',
  inflammatory: '#1fa2ff',
  connective: '#8cf2b4',
  gland: '#ffee1f',
  lumen: '#1a2bff',
  tumor: '#c80000',
  tumour: '#c80000',
  stroma: '#96c896',
  'immune cells': '#a05aa0',
  necrosis: '#323232',
  other: '#ffc800',
  'region*': '#0000b4',
  'ignore*': '#b4b4b4',
  positive: '#c83232',
  negative: '#5a5ab4',
  unclassified: '#ffffff',
};
const OTHERS = ['#ff7a1a', '#1fa2ff', '#8cf2b4', '#ffee1f', '#b8f23c', '#00c8c8', '#1a2bff', '#ff5fa2'];

/** The same for the same name of a kind, whatever else is in the file. */
export function classColour(name: string, kind: ObjectKind): string {
  const known = name.toLowerCase();
  if (kind === 'nuclei' && known === 'other') return '#ffffff'; // Eosin's own; QuPath's is of annotations, and near a gland's
  if (Object.hasOwn(KNOWN, known)) return KNOWN[known] ?? '#ffffff';
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0;
  return OTHERS[Math.abs(hash) % OTHERS.length] ?? '#ffffff';
}
