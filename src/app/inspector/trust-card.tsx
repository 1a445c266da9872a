// Which device and provider really computed, and whether it computes correctly.

import { IconCopy, IconRefresh, IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import { useState } from 'react';
import { unhurried } from '#channel/waits.ts';
import { IconButton } from '../icon-button.tsx';
import { asked } from '../runs-panel/asked.ts';
import type { DeviceState } from '../stores/run-store.ts';
import { notify } from '../stores/window-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import parts from '../styles/parts.module.css';
import { duration, plural } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { FactRow } from './fact-row.tsx';
import { Section } from './section.tsx';
import { trustFacts, trustWords } from './trust-words.ts';

export default function TrustCard({ device }: { device: DeviceState }) {
  const desk = useDesk();
  const { stores, runs } = desk;
  const [checking, setChecking] = useState(false);
  const ended = usePicked(stores.run, (state) => state.ended);
  const manifest = usePicked(stores.models, ({ manifests }) => manifests.find(({ id }) => id === device.model));
  const { tone, headline, sentence, todo } = trustWords(device);
  const Shield = tone === 'good' ? IconShieldCheck : IconShieldX;
  const facts: readonly (readonly [string, string])[] = [
    ...trustFacts(device, new Date(), crossOriginIsolated),
    [
      'Model',
      `${manifest ? `${manifest.name} ${manifest.version}` : device.model}, SHA-256 ${device.sha256.slice(0, 8)}`,
    ],
    ...(ended
      ? ([
          [
            'Last run',
            `${plural(ended.result.patches, 'patch', 'patches')}${ended.isWhole ? ` in ${duration(ended.result.seconds)}` : ''}, ${ended.state}`,
          ],
        ] as const)
      : []),
  ];
  const copy = async (): Promise<void> => {
    const lines = [`${headline}. ${sentence}`, ...facts.map((pair) => pair.join(': '))];
    await navigator.clipboard.writeText(lines.join('\n'));
    notify(stores.window, { text: 'The report is copied.', tone: 'good', seconds: 4 });
  };
  const check = (): void => {
    setChecking(true);
    const anew = runs.trust(device.model, { ...unhurried(), anew: true });
    asked(
      desk,
      anew
        .then((found) => {
          const text =
            found.verdict === 'trusted' ? 'Checked again: it computes correctly.' : 'Checked again: see Trust.';
          notify(stores.window, { text, tone: found.verdict === 'trusted' ? 'good' : 'warn', seconds: 6 });
        })
        .finally(() => setChecking(false)),
    );
  };
  return (
    <Section
      id="trust"
      title="Trust"
      buttons={
        <>
          <IconButton
            small
            label={checking ? 'A test patch runs' : 'Check again: run the test patch anew'}
            icon={IconRefresh}
            whyNot={checking ? 'It takes a few seconds' : undefined}
            onClick={check}
          />
          <IconButton small label="Copy as report" icon={IconCopy} onClick={() => void copy()} />
        </>
      }
    >
      <div className={parts.note}>
        <Shield size={16} stroke={1.6} className={tone} aria-hidden />
        <span>
          <span className="b" style={{ color: 'var(--t1)' }}>
            {headline}.
          </span>{' '}
          {sentence}
        </span>
      </div>
      {todo !== undefined && <p className={`${css.p} ${css.gap}`}>{todo}</p>}
      <dl className={`${parts.facts} ${css.gap}`}>
        {facts.map(([name, value]) => (
          <FactRow key={name} name={name} value={value} />
        ))}
      </dl>
    </Section>
  );
}
