// The objects of one kind as a table under the slide, so that table and object are seen at once. Any number of rows: only
// those in sight are made. What is chosen by a filter, a plot or a lasso is what it shows.
import { IconChevronDown, IconChevronUp, IconX } from '@tabler/icons-react';
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { MeasureName } from '#objects/measures/names.ts';
import { IconButton } from '../icon-button.tsx';
import { LAYER_NAMES } from '../inspector/layers-section.tsx';
import { faultWords } from '../measures/filter-rows.ts';
import { selectedAt } from '../selected-object.ts';
import type { ObjectLayer } from '../stores/layers-store.ts';
import { OBJECT_LAYERS } from '../stores/objects-store.ts';
import { usePicked } from '../stores.ts';
import own from '../styles/measures.module.css';
import parts from '../styles/parts.module.css';
import { count } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { FilterBox } from './filter-box.tsx';
import { useMeasured, useMeasures, WithMeasures } from './measures-context.tsx';
import { type Sorting, type TableRows, useTableRows } from './table-rows.ts';
import { useKind } from './use-kind.ts';
import { useWindow } from './use-window.ts';

export default function ObjectTable() {
  return (
    <WithMeasures>
      <Table />
    </WithMeasures>
  );
}

function Table() {
  const { stores } = useDesk();
  const kind = useKind();
  const brushed = usePicked(stores.selection, (state) => state.brushed);
  const [onlyMarked, setOnlyMarked] = useState(true);
  const [sorting, setSorting] = useState<Sorting>({ by: undefined, descending: false });
  const running = usePicked(stores.run, ({ progress }) => progress !== undefined);
  const isMarked = brushed?.kind === kind;
  const table = useTableRows(kind, sorting, isMarked && onlyMarked ? brushed : undefined);
  return (
    <section className={own.table} aria-label="Table of objects" data-region="strip">
      <div className={own.tableHead}>
        <h2>Objects</h2>
        <KindSelect kind={kind} />
        <FilterBox kind={kind} />
        <span className="t2" aria-live="polite">
          {table ? `${count(table.length)} ${LAYER_NAMES[kind].toLowerCase()}` : ''}
        </span>
        {isMarked && (
          <label className={parts.check}>
            <input type="checkbox" checked={onlyMarked} onChange={(event) => setOnlyMarked(event.target.checked)} />
            Only marked
          </label>
        )}
        <IconButton
          small
          label="Close the table"
          icon={IconX}
          onClick={() => stores.window.setState({ table: false })}
        />
      </div>
      <Fault />
      {running ? (
        <p className="t2" style={{ padding: '8px 12px' }}>
          The table comes once the run has ended.
        </p>
      ) : (
        table && <Grid kind={kind} table={table} sorting={sorting} onSort={setSorting} />
      )}
    </section>
  );
}

function KindSelect({ kind }: { kind: ObjectLayer }) {
  const { stores } = useDesk();
  const session = useMeasures();
  const objects = usePicked(stores.objects, (state) => state);
  return (
    <select
      className={parts.select}
      aria-label="Objects in the table"
      value={kind}
      onChange={({ target: { value } }) => {
        const found = OBJECT_LAYERS.find((layer) => layer === value);
        if (found) session.state.setState({ kind: found, classIndex: undefined });
      }}
    >
      {OBJECT_LAYERS.filter((layer) => (objects[layer]?.count ?? 0) > 0).map((layer) => (
        <option key={layer} value={layer}>
          {LAYER_NAMES[layer]}
        </option>
      ))}
    </select>
  );
}

/** What is wrong with the filter, or with what it asked for. */
function Fault() {
  const fault = useMeasured((state) => state.fault);
  const problem = useMeasured((state) => state.problem);
  if (!fault && problem === undefined) return null;
  return (
    <p className={own.fault} role="alert" id="filter-fault">
      {fault ? faultWords(fault) : problem}
    </p>
  );
}

const WIDTHS = { number: 64, class: 116, value: 112 }; // px, the last at least
const LETTER = 6.6; // px of a letter of a head on the mean
const HEAD_ROOM = 28; // px of its padding and arrow

const widthOf = (head: string): number => Math.max(WIDTHS.value, Math.ceil(head.length * LETTER) + HEAD_ROOM);
const ROW = 22; //   px
const PAGE = 8; //   rows of Page Up and Down

function Grid(props: {
  readonly kind: ObjectLayer;
  readonly table: TableRows;
  readonly sorting: Sorting;
  readonly onSort: (sorting: Sorting) => void;
}) {
  const { kind, table, sorting, onSort } = props;
  const { stores, found, viewer } = useDesk();
  const session = useMeasures();
  const selected = usePicked(stores.selection, (state) => state.selected);
  const current = selected?.kind === kind ? selected.row : undefined;
  const columns = session
    .names(kind)
    .filter((name) => session.isReady(kind, name))
    .map((name) => ({ name, head: headOf(name, session.unit(name)) }));
  const widthPx = columns.reduce((sum, { head }) => sum + widthOf(head), WIDTHS.number + WIDTHS.class);
  const host = useRef<HTMLDivElement>(null);
  const view = useWindow(host, table.length, ROW);
  const byHand = useRef(false); // the last selection came from here
  const choose = (place: number): void => {
    const row = table.rowAt(Math.min(table.length - 1, Math.max(0, place)));
    if (row === undefined) return;
    const object = selectedAt(found, kind, row);
    byHand.current = true;
    stores.selection.setState({ selected: object });
    viewer.glideTo(object.at);
    view.show(place);
  };
  const place = useMemo(() => (current === undefined ? -1 : table.placeOf(current)), [table, current]);
  const { show } = view;
  const showFound = useCallback(() => {
    if (place >= 0 && !byHand.current) show(place);
    byHand.current = false;
  }, [place, show]);
  useEffect(showFound, [showFound]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE }[event.key];
    const to = { Home: 0, End: table.length - 1 }[event.key] ?? (by === undefined ? undefined : place + by);
    if (to === undefined || table.length === 0) return;
    event.preventDefault();
    choose(Math.min(table.length - 1, Math.max(0, to)));
  };
  return (
    <div ref={host} className={own.grid} onScroll={view.onScroll}>
      <div className={own.room} style={{ height: view.roomPx }}>
        <table
          className={own.rows}
          style={{ width: widthPx }}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: arrows go from row to row, as in any grid
          role="grid"
          aria-label={`${LAYER_NAMES[kind]}, arrows go from one to the next`}
          aria-rowcount={table.length + 1}
          tabIndex={0}
          onKeyDown={onKeyDown}
          onClick={({ target }) => {
            const line = target instanceof Element ? target.closest('tr') : null;
            const at = Number(line?.dataset.place ?? Number.NaN);
            if (Number.isInteger(at)) choose(at);
          }}
        >
          <thead>
            <tr aria-rowindex={1}>
              <Head label="Object" by={undefined} width={WIDTHS.number} sorting={sorting} onSort={onSort} />
              <Head label="Class" by="class" width={WIDTHS.class} sorting={sorting} onSort={onSort} />
              {columns.map(({ name, head }) => (
                <Head
                  key={name.name}
                  label={head}
                  by={name.name}
                  width={widthOf(head)}
                  sorting={sorting}
                  onSort={onSort}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: view.shown }, (_, k) => {
              const at = view.first + k;
              const row = table.rowAt(at);
              if (row === undefined) return null;
              return (
                <tr key={row} data-place={at} aria-rowindex={at + 2} aria-selected={row === current}>
                  <td className={`${own.number} t3`}>{count(row)}</td>
                  <td>{table.classOf(row)}</td>
                  {columns.map(({ name }) => (
                    <td key={name.name} className={own.number}>
                      {table.written(name, row)}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </div>
  );
}

const headOf = ({ label }: MeasureName, unit: string): string => (unit ? `${label}, ${unit}` : label);

function Head(props: {
  readonly label: string;
  readonly by: string | undefined; // a measure, 'class', or the objects' own order
  readonly width: number; //          px
  readonly sorting: Sorting;
  readonly onSort: (sorting: Sorting) => void;
}) {
  const { label, by, width, sorting, onSort } = props;
  const isOn = sorting.by === by;
  const isMeasure = by !== undefined && by !== 'class';
  return (
    <th
      scope="col"
      style={{ width }}
      className={by === 'class' ? undefined : own.number}
      aria-sort={isOn ? (sorting.descending ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        title={label}
        onClick={() => onSort({ by, descending: isOn ? !sorting.descending : isMeasure })}
      >
        <span className="ell">{label}</span>
        {isOn && (sorting.descending ? <IconChevronDown size={12} /> : <IconChevronUp size={12} />)}
      </button>
    </th>
  );
}
