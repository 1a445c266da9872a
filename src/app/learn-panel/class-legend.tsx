// What the colours of patches stand for, with how many there are of each.
import type { ClassLegend as LegendOfClasses } from '#viewer/viewer-api.ts';
import css from '../styles/learn.module.css';
import { plural } from '../words.ts';

export default function ClassLegend({ map }: { map: LegendOfClasses }) {
  const patches = (n: number): string => plural(n, 'patch', 'patches');
  return (
    <>
      <span className="b">{map.name}</span>
      <ul className={css.legend}>
        {map.entries.map(({ name, color, patches: n }) => (
          <li key={name}>
            <i style={{ background: color }} />
            <span className="ell grow">{name}</span>
            <span className="t2">{patches(n)}</span>
          </li>
        ))}
        {map.unsure > 0 && (
          <li>
            <i className={css.unsure} />
            <span className="ell grow">Not sure</span>
            <span className="t2">{patches(map.unsure)}</span>
          </li>
        )}
      </ul>
    </>
  );
}
