import type { ObjectLayer } from '../stores/layers-store.ts';
import { OBJECT_LAYERS } from '../stores/objects-store.ts';
import { usePicked } from '../stores.ts';
import { useDesk } from '../workbench.ts';
import { useMeasured } from './measures-context.tsx';

/** The kind that is looked at, or the first there is. */
export function useKind(): ObjectLayer {
  const { stores } = useDesk();
  const chosen = useMeasured((state) => state.kind);
  const present = usePicked(stores.objects, (state) =>
    OBJECT_LAYERS.filter((kind) => (state[kind]?.count ?? 0) > 0).join(),
  );
  return (
    OBJECT_LAYERS.find((kind) => kind === chosen && present.includes(kind)) ??
    OBJECT_LAYERS.find((kind) => present.includes(kind)) ??
    chosen
  );
}

/** Of the class that is looked at; undefined: all of the kind. */
export function useClassName(kind: ObjectLayer): string | undefined {
  const { stores } = useDesk();
  const index = useMeasured((state) => state.classIndex);
  return usePicked(stores.objects, (state) => (index === undefined ? undefined : state[kind]?.classes[index]?.name));
}
