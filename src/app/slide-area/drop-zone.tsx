// A slide dropped anywhere on the page opens.
import { useEffect, useState } from 'react';
import css from '../styles/slide-area.module.css';
import { useOpenSource } from '../use-open-source.ts';

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;

export function DropZone() {
  const [over, setOver] = useState(false);
  const open = useOpenSource();
  useEffect(() => {
    const enter = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      const file = event.dataTransfer?.files[0];
      if (file) open(file);
    };
    const listening = new AbortController();
    const { signal } = listening;
    window.addEventListener('dragenter', enter, { signal });
    window.addEventListener('dragover', enter, { signal });
    window.addEventListener('dragleave', leave, { signal });
    window.addEventListener('drop', drop, { signal });
    return () => listening.abort();
  }, [open]);
  if (!over) return null;
  return (
    <div className={css.drop} aria-hidden>
      <div>
        <strong>Drop to open</strong>
        <span className="t2">The slide is read from your disk in parts. Nothing is uploaded.</span>
      </div>
    </div>
  );
}
