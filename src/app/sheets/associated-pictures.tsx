// Label, macro, thumbnail: hidden until asked for, each by itself. They are shown and not kept.
import { useEffect, useRef, useState } from 'react';
import { isAbort } from '#errors/failure.ts';
import type { Raster } from '#slide/slide.ts';
import parts from '../styles/parts.module.css';
import css from '../styles/sheet.module.css';
import { useDesk } from '../workbench.ts';

export function AssociatedPictures({ names }: { names: readonly string[] }) {
  const [shown, setShown] = useState<readonly string[]>([]);
  const toggle = (name: string): void =>
    setShown((now) => (now.includes(name) ? now.filter((other) => other !== name) : [...now, name]));
  return (
    <section>
      <p className="t2" style={{ marginTop: 8 }}>
        Labels and macros often carry a patient’s name. They are read only when you ask.
      </p>
      <div className={css.pictures}>
        {names.map((name) => (
          <button
            key={name}
            type="button"
            className={`${parts.button} ${parts.small}`}
            aria-expanded={shown.includes(name)}
            onClick={() => toggle(name)}
          >
            {shown.includes(name) ? 'Hide' : 'Show'} {name}
          </button>
        ))}
      </div>
      {shown.map((name) => (
        <Picture key={name} name={name} />
      ))}
    </section>
  );
}

function Picture({ name }: { name: string }) {
  const { slides } = useDesk();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [said, setSaid] = useState<string | undefined>('Reading…');
  useEffect(() => {
    const reading = new AbortController();
    const slide = slides.opened()?.slide;
    slide?.readAssociated(name, reading).then(
      (raster) => {
        if (canvas.current && !reading.signal.aborted) draw(raster, canvas.current);
        if ('close' in raster) raster.close();
        setSaid(undefined);
      },
      (thrown: unknown) => {
        if (!isAbort(thrown)) setSaid(thrown instanceof Error ? thrown.message : String(thrown));
      },
    );
    return () => reading.abort(new DOMException('The picture was hidden.', 'AbortError'));
  }, [slides, name]);
  return (
    <figure className={css.picture}>
      <canvas ref={canvas} width={0} height={0} role="img" aria-label={`The slide’s ${name}`} />
      <figcaption className="t3">{said ?? name}</figcaption>
    </figure>
  );
}

function draw(raster: Raster, canvas: HTMLCanvasElement): void {
  canvas.width = raster.width;
  canvas.height = raster.height;
  const context = canvas.getContext('2d');
  if ('rgba' in raster) context?.putImageData(new ImageData(raster.rgba, raster.width, raster.height), 0, 0);
  else context?.drawImage(raster, 0, 0);
}
