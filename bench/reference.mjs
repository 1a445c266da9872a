// bench/reference.json: what README.md says of speed. A run of some parts replaces their rows and leaves the others.

/** @typedef {{ what: string, part?: string, measured?: { date: string, machine?: object } }} Row measured: where that differs from the table's */
/** @typedef {{ machine: object, date: string, table: Row[] }} Reference */

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/**
 * The rows of the parts that ran, and those that are kept of the others, each with when and where it was measured where that
 * differs. They stand in the order of the parts.
 * @param {Reference | undefined} before
 * @param {Reference} told
 * @param {readonly string[]} ran names of parts
 * @param {readonly string[]} order of all parts
 * @returns {Reference}
 */
export function merged(before, told, ran, order) {
  const { machine, date } = told;
  const when = ({ measured }) => ({
    date: measured?.date ?? before.date,
    machine: measured?.machine ?? before.machine,
  });
  const kept = (before?.table ?? [])
    .filter(({ part, what }) => !ran.includes(part ?? '') && !told.table.some((row) => row.what === what))
    .map((row) => {
      const [was, { measured: _, ...rest }] = [when(row), row];
      if (!same(was.machine, machine)) return { ...rest, measured: was };
      return was.date === date ? rest : { ...rest, measured: { date: was.date } };
    });
  const place = ({ part }) => order.indexOf(part ?? '');
  return { machine, date, table: [...kept, ...told.table].sort((a, b) => place(a) - place(b)) };
}

/** @param {readonly string[]} leftOut sentences @throws Error where a part cannot be measured here: its rows would be of before */
export function mustBeWhole(leftOut) {
  if (leftOut.length > 0)
    throw new Error(`bench/reference.json is left as it was, for parts were left out. ${leftOut.join(' ')}`);
}
