// Which focal plane of a slide that was scanned at several depths is shown, and read by models.
import { unhurried } from '#channel/waits.ts';
import { isAbort } from '#errors/failure.ts';
import type { FocalPlanes } from '#slide/slide.ts';
import css from '../styles/inspector.module.css';
import parts from '../styles/parts.module.css';
import { useDesk } from '../workbench.ts';

export default function PlanePick({ planes: { names, shown } }: { planes: FocalPlanes }) {
  const { slides } = useDesk();
  const choose = (plane: number): void => {
    slides.choose({ plane }, unhurried()).catch((thrown: unknown) => {
      if (!isAbort(thrown)) console.warn(thrown); // shown on screen as the slide store's problem
    });
  };
  return (
    <div className={css.p}>
      <select
        aria-label="Focal plane"
        className={parts.select}
        value={shown}
        onChange={(event) => choose(Number(event.currentTarget.value))}
      >
        {names.map((name, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a plane is its place; names may repeat
          <option key={index} value={index}>
            {name.replace(/^Plane \d+/, `$& of ${names.length}`)}
          </option>
        ))}
      </select>
      <p className="t3" style={{ margin: '4px 0 8px' }}>
        Of {names.length} focal planes this one is shown, and read by models. What is found or drawn is kept for each.
      </p>
    </div>
  );
}
