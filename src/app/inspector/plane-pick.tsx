// Which focal plane of a slide that was scanned at several depths is shown, and read by models.
import type { FocalPlanes } from '#slide/slide.ts';
import css from '../styles/inspector.module.css';
import { ShownPick } from './shown-pick.tsx';

export function PlanePick({ planes: { names, shown } }: { planes: FocalPlanes }) {
  return (
    <div className={css.p}>
      <ShownPick
        label="Focal plane"
        names={names.map((name) => name.replace(/^Plane \d+/, `$& of ${names.length}`))}
        shown={shown}
        chosen={(plane) => ({ plane })}
      />
      <p className="t3" style={{ margin: '4px 0 8px' }}>
        Of {names.length} focal planes this one is shown, and read by models. What is found or drawn is kept for each.
      </p>
    </div>
  );
}
