// One measure as a histogram, what it says in a sentence, and its numbers.
import { useMemo, useState } from 'react';
import { filterOf, wordsOf } from './filter-words.ts';
import { Histogram, type Range } from './histogram.tsx';
import { useMeasured, useMeasures, useOrdered } from './measures-context.tsx';
import { Numbers } from './numbers.tsx';
import { axisOf, binsOf, usePlotRows } from './plot-rows.ts';
import { Said, Working } from './said.tsx';
import { useBrush, useForgetOthers } from './use-brush.ts';
import { useClassName, useKind } from './use-kind.ts';

export function HistogramPlot() {
  const session = useMeasures();
  const kind = useKind();
  const classIndex = useMeasured((state) => state.classIndex);
  const names = session.names(kind);
  const chosen = useMeasured((state) => state.measure);
  const name = names.find((one) => one.name === chosen) ?? names[0];
  const column = useOrdered(kind, name?.name);
  const rows = usePlotRows(column, classIndex);
  const className = useClassName(kind);
  const axis = useMemo(() => column && rows && axisOf(column.values, rows), [column, rows]);
  const bins = useMemo(() => column && rows && axis && binsOf(column.values, rows, axis), [column, rows, axis]);
  const { filter, brush } = useBrush();
  const [mine, setMine] = useState<{ filter: string; range: Range }>();
  useForgetOthers(mine, setMine, filter);
  if (!name || !column || !rows || !bins || !axis) return <Working />;
  const unit = session.unit(name);
  const onBrush = (range: Range | undefined): void => {
    if (!range) {
      setMine(undefined);
      brush(undefined);
      return;
    }
    // an edge of the plot holds what lies beyond it as well
    const low = range.low <= axis.low ? undefined : range.low;
    const high = range.high >= axis.high ? undefined : range.high;
    const text = filterOf(className, [{ name: name.name, low, high }]);
    setMine({ filter: text, range });
    brush(text);
  };
  const label = `${name.label}${unit ? `, ${unit}` : ''}`;
  return (
    <>
      <Histogram bins={bins} label={label} unit={unit} brushed={mine?.range} onBrush={onBrush} />
      <Said
        rows={rows}
        column={column.values}
        unit={unit}
        mine={mine && { words: wordsOf(mine.range, unit) }}
        onClear={() => onBrush(undefined)}
      />
      <Numbers bins={bins} rows={rows} values={column.values} name={name} unit={unit} />
    </>
  );
}
