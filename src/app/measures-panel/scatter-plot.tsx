// Two measures as a scatter plot, and what it says in a sentence.
import { useMemo, useState } from 'react';
import { filterOf, wordsOf } from './filter-words.ts';
import { useMeasured, useMeasures, useOrdered } from './measures-context.tsx';
import { axisOf, usePlotRows } from './plot-rows.ts';
import { Said, Working } from './said.tsx';
import { type Box, Scatter } from './scatter.tsx';
import { useBrush, useForgetOthers } from './use-brush.ts';
import { useClassName, useKind } from './use-kind.ts';

export function ScatterPlot() {
  const session = useMeasures();
  const kind = useKind();
  const classIndex = useMeasured((state) => state.classIndex);
  const names = session.names(kind);
  const [chosen, against] = [useMeasured((state) => state.measure), useMeasured((state) => state.against)];
  const [x, y] = [
    names.find(({ name }) => name === chosen) ?? names[0],
    names.find(({ name }) => name === against) ?? names[1],
  ];
  const [across, up] = [useOrdered(kind, x?.name), useOrdered(kind, y?.name)];
  const [rows, rowsUp] = [usePlotRows(across, classIndex), usePlotRows(up, classIndex)];
  const className = useClassName(kind);
  const { filter, brush } = useBrush();
  const [mine, setMine] = useState<{ filter: string; box: Box }>();
  useForgetOthers(mine, setMine, filter);
  const axes = useMemo(() => {
    if (!across || !up || !rows || !rowsUp || !x || !y) return undefined;
    const of = (name: typeof x): string => `${name.label}${session.unit(name) ? `, ${session.unit(name)}` : ''}`;
    return {
      across: { ...axisOf(across.values, rows), values: across.values, label: of(x) },
      up: { ...axisOf(up.values, rowsUp), values: up.values, label: of(y) },
    };
  }, [across, up, rows, rowsUp, x, y, session]);
  if (!axes || !rows || !x || !y) return <Working />;
  const onBrush = (box: Box | undefined): void => {
    if (!box) {
      setMine(undefined);
      brush(undefined);
      return;
    }
    const text = filterOf(className, [
      { name: x.name, ...box.across },
      { name: y.name, ...box.up },
    ]);
    setMine({ filter: text, box });
    brush(text);
  };
  const words =
    mine &&
    `with ${x.label.toLowerCase()} ${wordsOf(mine.box.across, session.unit(x))} and ${y.label.toLowerCase()} ${wordsOf(mine.box.up, session.unit(y))}`;
  return (
    <>
      <Scatter across={axes.across} up={axes.up} rows={rows} brushed={mine?.box} onBrush={onBrush} />
      <Said
        rows={rows}
        column={axes.across.values}
        unit={session.unit(x)}
        mine={words === undefined ? undefined : { words }}
        onClear={() => onBrush(undefined)}
      />
    </>
  );
}
