// What the colours of objects stand for while a head or labels give them, with how many there are of each.
import type { ObjectClasses } from '../stores/view-store.ts';
import css from '../styles/learn.module.css';
import { plural } from '../words.ts';

export default function ObjectLegend({ of: { name, one, many, entries } }: { of: ObjectClasses }) {
  return (
    <>
      <span className="b">{name}</span>
      <ul className={css.legend}>
        {entries
          .filter(({ count }) => count > 0)
          .map((entry) => (
            <li key={entry.name}>
              <i style={{ background: entry.color }} />
              <span className="ell grow">{entry.name}</span>
              <span className="t2">{plural(entry.count, one, many)}</span>
            </li>
          ))}
      </ul>
    </>
  );
}
