// Which objects a plot is of: a kind, or one class of it.
import { manyOfClass } from '#objects/class-words.ts';
import { LAYER_NAMES } from '../inspector/layers-section.tsx';
import type { ObjectLayer } from '../stores/layers-store.ts';
import { OBJECT_LAYERS } from '../stores/objects-store.ts';
import { usePicked } from '../stores.ts';
import parts from '../styles/parts.module.css';
import { useDesk } from '../workbench.ts';
import { useMeasured, useMeasures } from './measures-context.tsx';
import { useKind } from './use-kind.ts';

export function KindPick() {
  const { stores } = useDesk();
  const session = useMeasures();
  const kind = useKind();
  const classIndex = useMeasured((state) => state.classIndex);
  const objects = usePicked(stores.objects, (state) => state);
  const options = OBJECT_LAYERS.flatMap((layer) => {
    const of = objects[layer];
    if (!of || of.count === 0) return [];
    const each = of.classes.map(({ name }, index) => ({
      layer,
      index,
      label: manyOfClass(layer, name),
    }));
    const all = {
      layer,
      index: undefined,
      label: of.classes.length > 1 ? `All ${LAYER_NAMES[layer].toLowerCase()}` : LAYER_NAMES[layer],
    };
    return of.classes.length > 1 ? [all, ...each] : [all];
  });
  const keyOf = (layer: ObjectLayer, index: number | undefined): string => `${layer} ${index ?? ''}`;
  return (
    <select
      className={parts.select}
      aria-label="Of which objects"
      value={keyOf(kind, classIndex)}
      onChange={(event) => {
        const found = options.find(({ layer, index }) => keyOf(layer, index) === event.target.value);
        if (found) session.state.setState({ kind: found.layer, classIndex: found.index });
      }}
    >
      {options.map(({ layer, index, label }) => (
        <option key={keyOf(layer, index)} value={keyOf(layer, index)}>
          {label}
        </option>
      ))}
    </select>
  );
}
