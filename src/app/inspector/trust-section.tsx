// Which device and provider really computed, and whether it computes correctly.
import { IconCopy, IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import { IconButton } from '../icon-button.tsx';
import { chosenManifest } from '../stores/models-store.ts';
import type { DeviceState } from '../stores/run-store.ts';
import { notify } from '../stores/window-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import parts from '../styles/parts.module.css';
import { duration, plural } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { Section } from './section.tsx';

export const providerOf = ({ device }: Pick<DeviceState, 'device'>): string =>
  device === 'webgpu' ? 'WebGPU' : 'WebAssembly';

const headline = ({ device, verdict }: DeviceState): string => {
  if (verdict === 'refused') return 'This device gave wrong numbers';
  if (verdict === 'fell back') return 'The GPU gave wrong numbers, so the processor computes';
  return device === 'webgpu' ? 'This GPU computes correctly' : 'The processor computes correctly';
};

export function TrustSection() {
  const { stores } = useDesk();
  const device = usePicked(stores.run, (state) => state.device);
  const ended = usePicked(stores.run, (state) => state.ended);
  const manifest = usePicked(stores.models, chosenManifest);
  if (!device) return null;
  const off = device.maxDifference < 0.0001 ? device.maxDifference.toExponential(1) : device.maxDifference.toFixed(4);
  const good = device.verdict === 'trusted';
  const Shield = good ? IconShieldCheck : IconShieldX;
  const facts: readonly (readonly [string, string])[] = [
    ['Test patch', `off by ${off}, limit ${device.tolerance}`],
    ['Computed by', device.device === 'webgpu' ? `${device.name}, WebGPU` : device.name],
    ...(device.whyNotGpu ? ([['Not the GPU', device.whyNotGpu]] as const) : []),
    ...(device.why ? ([['Seen', device.why]] as const) : []),
    ...(manifest
      ? ([['Model', `${manifest.name} ${manifest.version}, SHA-256 ${manifest.sha256.slice(0, 8)}`]] as const)
      : []),
    ...(ended
      ? ([
          [
            'Last run',
            `${plural(ended.result.patches, 'patch', 'patches')} in ${duration(ended.result.seconds)}, ${ended.state}`,
          ],
        ] as const)
      : []),
  ];
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText([headline(device), ...facts.map((pair) => pair.join(': '))].join('\n'));
    notify(stores.window, { text: 'The report is copied.', tone: 'good', seconds: 4 });
  };
  return (
    <Section
      id="trust"
      title="Trust"
      buttons={<IconButton small label="Copy as report" icon={IconCopy} onClick={() => void copy()} />}
    >
      <div className={parts.note}>
        <Shield size={16} stroke={1.6} className={good ? 'good' : 'warn'} aria-hidden />
        <span className="b" style={{ color: 'var(--t1)' }}>
          {headline(device)}
        </span>
      </div>
      <dl className={`${parts.facts} ${css.gap}`}>
        {facts.map(([name, value]) => (
          <FactRow key={name} name={name} value={value} />
        ))}
      </dl>
    </Section>
  );
}

export function FactRow({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
