// Colour never speaks alone: each tone has its icon.
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconInfoCircle } from '@tabler/icons-react';

const ICONS = { plain: IconInfoCircle, good: IconCircleCheck, warn: IconAlertTriangle, bad: IconCircleX } as const;

export type Tone = keyof typeof ICONS;

export function ToneIcon({ tone }: { tone: Tone }) {
  const Glyph = ICONS[tone];
  return <Glyph size={16} stroke={1.6} className={tone === 'plain' ? 't3' : tone} aria-hidden />;
}
