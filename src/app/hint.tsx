// What a control's hint says, and with which key it runs. The bubble itself is one for the whole page: hint-layer.tsx.
import { cloneElement, type HTMLAttributes, type ReactElement } from 'react';
import { HINT, HINT_KEYS } from './hint-layer.tsx';

interface HintProps {
  readonly label: string;
  readonly keys?: string | undefined;
  readonly children: ReactElement<HTMLAttributes<HTMLElement> & Hinted>; // an element of the page, not a component
}

interface Hinted {
  readonly [HINT]?: string;
  readonly [HINT_KEYS]?: string | undefined;
}

export const Hint = ({ label, keys, children }: HintProps) =>
  cloneElement(children, { [HINT]: label, [HINT_KEYS]: keys });
