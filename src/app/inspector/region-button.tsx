// Small buttons for commands of the region panels, off where the command says why.
import type { ReactNode } from 'react';
import { Hint } from '../hint.tsx';
import { usePicked } from '../stores.ts';
import parts from '../styles/parts.module.css';
import { useCommand } from '../use-command.ts';
import { useDesk } from '../workbench.ts';

export function RegionButton({ id, children }: { id: string; children: ReactNode }) {
  const desk = useDesk();
  usePicked(desk.stores.regions, (state) => state); // commands depend on all of it
  const command = useCommand(id);
  const whyNot = command.whyNot();
  return (
    <Hint label={whyNot ?? command.label()} keys={command.keys[0]}>
      <button
        type="button"
        className={`${parts.button} ${parts.small}`}
        aria-disabled={whyNot !== undefined || undefined}
        onClick={() => desk.invoke(id)}
      >
        {children}
      </button>
    </Hint>
  );
}

/** Redo only where there is something to redo: room is short. */
export function UndoButtons() {
  const { stores } = useDesk();
  const canRedo = usePicked(stores.regions, ({ future }) => future.length > 0);
  return (
    <>
      <RegionButton id="region.undo">Undo</RegionButton>
      {canRedo && <RegionButton id="region.redo">Redo</RegionButton>}
    </>
  );
}
