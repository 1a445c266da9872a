// A layer's swatch, drawn as the layer draws: casing beneath, core above.
import type { ObjectLayer } from '../stores/layers-store.ts';

const SIZE = 14;

export function ObjectSwatch({ kind, color, fill }: { kind: ObjectLayer; color: string; fill?: boolean }) {
  const casing = kind === 'lumina' ? '#ffffff' : '#000000';
  const width = kind === 'nuclei' ? 1.6 : kind === 'glands' ? 2.4 : 2;
  const shape =
    kind === 'nuclei' ? (
      <ellipse cx="7" cy="7" rx="4.6" ry="3.6" />
    ) : (
      <rect x="2.2" y="2.2" width="9.6" height="9.6" rx="3" />
    );
  return (
    <svg width={SIZE} height={SIZE} aria-hidden="true">
      <g
        fill={fill ? color : 'none'}
        fillOpacity="0.42"
        stroke={casing}
        strokeOpacity={kind === 'lumina' ? 1 : 0.6}
        strokeWidth={width + 1.6}
      >
        {shape}
      </g>
      <g fill="none" stroke={color} strokeWidth={width} strokeDasharray={kind === 'lumina' ? '4 2' : undefined}>
        {shape}
      </g>
    </svg>
  );
}

export function PairSwatch({ colors }: { colors: readonly [string, string] }) {
  return (
    <svg width={SIZE} height={SIZE} aria-hidden="true">
      <rect x="1" y="1" width="6" height="12" fill={colors[0]} />
      <rect x="7" y="1" width="6" height="12" fill={colors[1]} />
    </svg>
  );
}

export function ColourSwatch({ color }: { color: string }) {
  return (
    <svg width={SIZE} height={SIZE} aria-hidden="true">
      <rect x="1.5" y="1.5" width="11" height="11" fill={color} stroke="var(--ctl)" />
    </svg>
  );
}
