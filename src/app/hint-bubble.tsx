import { Tooltip } from '@mantine/core';
import type { HintAt } from './hint-layer.tsx';
import { KeyCap } from './key-cap.tsx';

export default function HintBubble({ target, label, keys }: HintAt) {
  const text = (
    <span className="row">
      {label}
      {keys && <KeyCap keys={keys} />}
    </span>
  );
  return <Tooltip key={label} target={target} label={text} opened withinPortal />;
}
