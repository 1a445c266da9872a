// The session of measures as the panel's parts see it: loaded with the first of them.
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { assert, isAbort } from '#errors/failure.ts';
import type { MeasureSession } from '../measures/measure-session.ts';
import type { MeasuresState } from '../measures/measures-store.ts';
import type { ObjectLayer } from '../stores/layers-store.ts';
import { usePicked } from '../stores.ts';
import { useDesk } from '../workbench.ts';

const MeasuresContext = createContext<MeasureSession | undefined>(undefined);

export function WithMeasures({ children }: { children: ReactNode }) {
  const { measures } = useDesk();
  const [session, setSession] = useState(measures.loaded());
  useEffect(() => {
    if (!session) void measures.session().then(setSession, () => undefined);
  }, [session, measures]);
  return session ? <MeasuresContext.Provider value={session}>{children}</MeasuresContext.Provider> : null;
}

export function useMeasures(): MeasureSession {
  const session = useContext(MeasuresContext);
  assert(session, 'A part that measures was rendered outside of WithMeasures.');
  return session;
}

export const useMeasured = <T,>(pick: (state: MeasuresState) => T): T => usePicked(useMeasures().state, pick);

export interface OrderedColumn {
  readonly kind: ObjectLayer;
  readonly name: string;
  readonly values: Float32Array<ArrayBuffer>;
  readonly ascending: Uint32Array<ArrayBuffer>; // rows, NaN last
}

/** One measure of every object with its order; undefined until it is worked out, and while a run goes on. */
export function useOrdered(kind: ObjectLayer, name: string | undefined): OrderedColumn | undefined {
  const session = useMeasures();
  const { stores } = useDesk();
  const version = useMeasured((state) => state.version);
  const running = usePicked(stores.run, ({ progress }) => progress !== undefined);
  const [column, setColumn] = useState<OrderedColumn>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: measures may differ with each version
  useEffect(() => {
    const left = new AbortController();
    const waits = { signal: left.signal };
    const known = session.names(kind).find((one) => one.name === name);
    if (running || name === undefined || !known || !session.isReady(kind, known)) {
      setColumn(undefined);
      return;
    }
    const read = async (): Promise<void> => {
      const ascending = await session.order(kind, name, waits);
      const values = await session.column(kind, name, waits);
      if (!left.signal.aborted) setColumn({ kind, name, values, ascending });
    };
    read().catch((thrown: unknown) => {
      if (!isAbort(thrown)) session.tellProblem(thrown);
    });
    return () => left.abort(new DOMException('Others are looked at now.', 'AbortError'));
  }, [session, kind, name, version, running]);
  return column?.kind === kind && column.name === name ? column : undefined;
}
