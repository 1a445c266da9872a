// How a model is put in few words: what it looks for, what it weighs, its figures.
import type { ModelManifest } from '#inference/manifest.ts';
import { bytes } from '../words.ts';

type Metric = ModelManifest['metrics'][number];

/** 'Nuclei, glands, lumina, tissue'; undefined for a model that outlines nothing. */
export function tasksOf(manifest: ModelManifest): string | undefined {
  if (manifest.task !== 'segmentation') return undefined;
  const { nuclei, glands, lumina } = manifest.tasks;
  const found = [
    nuclei && 'nuclei',
    glands && 'glands',
    lumina && 'lumina',
    manifest.outputs.some(({ kind }) => kind === 'grid') ? 'tissue' : undefined,
  ].filter((task) => task !== undefined);
  const text = found.join(', ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** '6.9 MB, 0.5 µm/px, CC-BY-NC-SA-4.0' */
export function termsOf({ bytes: size, input, licence }: Pick<ModelManifest, 'bytes' | 'input' | 'licence'>): string {
  return [bytes(size), ...('mpp' in input ? [`${input.mpp} µm/px`] : []), licence].join(', ');
}

const ONE: Readonly<Record<string, string>> = { nucleus: 'nuclei', glands: 'gland', lumina: 'lumen' };

/** The first figure of each subject (its first word), at most `most`: manifests put the one that counts first. */
export function headlines(metrics: readonly Metric[], most: number): Metric[] {
  const subjects = new Map<string, Metric>();
  for (const metric of metrics) {
    const word = metric.name.split(' ')[0]?.toLowerCase() ?? '';
    const subject = ONE[word] ?? word;
    if (!subjects.has(subject)) subjects.set(subject, metric);
  }
  return [...subjects.values()].slice(0, most);
}

/** 'Nuclei Dice, MoNuSeg test (7)' is measured 'Nuclei Dice' on 'MoNuSeg test (7)'. */
export function metricName({ name }: Pick<Metric, 'name'>): { readonly what: string; readonly on: string | undefined } {
  const at = name.indexOf(', ');
  const what = at < 0 ? name : name.slice(0, at);
  return { what: what.charAt(0).toUpperCase() + what.slice(1), on: at < 0 ? undefined : name.slice(at + 2) };
}
