// Facts behind a plot: a label and a value a row.
import css from '../styles/inspector.module.css';

export type Fact = readonly [label: string, value: string];

export function FactRows({ facts }: { facts: readonly Fact[] }) {
  return (
    <tbody>
      {facts.map(([label, value]) => (
        <tr key={label}>
          <td>{label}</td>
          <td className={css.n}>{value}</td>
        </tr>
      ))}
    </tbody>
  );
}
