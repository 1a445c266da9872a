// The card of an added model: what its adder said, and what was seen when it was tried.
import type { ModelManifest } from '#inference/manifest.ts';

export function ownCard(manifest: ModelManifest, file: string, tried: readonly string[]): Uint8Array<ArrayBuffer> {
  const { name, summary, licence, licenceNote } = manifest;
  const lines = [
    `# ${name}`,
    '',
    `${summary} **For research only, not for diagnosis.**`,
    '',
    '## Limits',
    '',
    'Nobody has measured this model in Eosin. What it learnt from, and how well, its authors have to say.',
    '',
    '## Where it comes from',
    '',
    `- Added in this browser from \`${file}\`; it stays on this computer.`,
    `- Licence: ${licence}. ${licenceNote}`,
    '',
    '## When it was added',
    '',
    ...tried.map((line) => `- ${line}`),
    '',
  ];
  return new TextEncoder().encode(lines.join('\n'));
}
