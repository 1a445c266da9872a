// Everything the slide says of itself: each level and every metadata field.

import { FactRow } from '../inspector/fact-row.tsx';
import { pixelSize } from '../inspector/slide-section.tsx';
import { titleOfSlide } from '../stores/slide-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/sheet.module.css';
import { count, measure } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { AssociatedPictures } from './associated-pictures.tsx';
import { SheetFrame } from './sheet.tsx';

export default function SlideSheet() {
  const { stores } = useDesk();
  const open = usePicked(stores.slide, (state) => state.open);
  if (!open) return null;
  const { info, mppSetByUser } = open;
  const fields = Object.entries(info.properties).sort(([a], [b]) => a.localeCompare(b));
  return (
    <SheetFrame title={titleOfSlide(open)}>
      <dl>
        <FactRow name="Format" value={info.format} />
        <FactRow name="Vendor" value={info.vendor ?? 'not said'} />
        <FactRow name="Size" value={`${count(info.widthPx)} × ${count(info.heightPx)} px`} />
        <FactRow name="Pixel size" value={`${pixelSize(info)}${mppSetByUser ? ', set by you' : ''}`} />
        <FactRow name="Objective" value={info.objective === undefined ? 'not said' : `${info.objective}×`} />
        <FactRow name="Other images" value={info.associated.length === 0 ? 'none' : info.associated.join(', ')} />
      </dl>
      {info.associated.length > 0 && <AssociatedPictures key={open.id} names={info.associated} />}
      <h2>Levels</h2>
      <table className={css.table}>
        <thead>
          <tr>
            <th>Level</th>
            <th>Size, px</th>
            <th>Downsample</th>
          </tr>
        </thead>
        <tbody>
          {info.levels.map((level, index) => (
            <tr key={level.downsample}>
              <td>{index}</td>
              <td>
                {count(level.widthPx)} × {count(level.heightPx)}
              </td>
              <td>{measure(level.downsample)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h2>Metadata, {count(fields.length)} fields</h2>
      {fields.length === 0 ? (
        <p className="t2">The file carries none.</p>
      ) : (
        <dl>
          {fields.map(([name, value]) => (
            <FactRow key={name} name={name} value={value} />
          ))}
        </dl>
      )}
    </SheetFrame>
  );
}
