// What of the last file was not taken: each feature with why, so that it can be mended where it was made.
import { useEffect, useState } from 'react';
import type { FileDesk } from '../files/file-desk.ts';
import css from '../styles/sheet.module.css';
import { count } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { SheetFrame } from './sheet.tsx';

const MOST = 500; // shown

export default function RefusedSheet() {
  const { files } = useDesk();
  const [last, setLast] = useState<FileDesk['last']>();
  useEffect(() => void files.desk().then((desk) => setLast(desk.last)), [files]);
  const refused = last?.refused ?? [];
  return (
    <SheetFrame title={last ? `What was not taken of ${last.name}` : 'No file was taken in yet'}>
      {refused.length > 0 && (
        <table className={css.table}>
          <thead>
            <tr>
              <th>Feature</th>
              <th style={{ textAlign: 'left' }}>Taken</th>
              <th style={{ textAlign: 'left' }}>Why</th>
            </tr>
          </thead>
          <tbody>
            {refused.slice(0, MOST).map(({ feature, why, partly }) => (
              <tr key={`${feature} ${why}`}>
                <td>{count(feature + 1)}</td>
                <td style={{ textAlign: 'left' }}>{partly ? 'in part' : 'no'}</td>
                <td style={{ textAlign: 'left' }}>{why}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {refused.length > MOST && <p className="t2">and {count(refused.length - MOST)} more</p>}
    </SheetFrame>
  );
}
