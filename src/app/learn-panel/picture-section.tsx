// The features as a picture: patches that an encoder sees alike lie together. A rectangle drawn in it frames them on the slide.
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import { Section } from '../inspector/section.tsx';
import { Segments } from '../segments.tsx';
import { SmallButton } from '../small-button.tsx';
import type { PictureSummary } from '../stores/learn-store.ts';
import css from '../styles/inspector.module.css';
import learn from '../styles/learn.module.css';
import { plural } from '../words.ts';
import { useLearn, useLearnt } from './use-learn.ts';
import { pictureWords } from './words.ts';

const [WIDTH, HEIGHT, EDGE, DOT] = [480, 240, 10, 3]; // CSS px

const WAYS = [
  { value: 'components', label: 'Components' },
  { value: 'umap', label: 'UMAP' },
] as const;

interface Box {
  readonly x0: number; // CSS px in the picture
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export function PictureSection() {
  const session = useLearn();
  const picture = useLearnt((state) => state.picture);
  const [how, setHow] = useState<PictureSummary['how']>(picture?.how ?? 'components');
  const off = useLearnt(({ sets, working }) => sets.length === 0 || working !== undefined);
  return (
    <Section
      id="picture"
      title="Picture of the features"
      buttons={
        <SmallButton kind="quiet" off={off} onClick={() => void session.encoders.makePicture(how)}>
          {picture ? 'Anew' : 'Compute'}
        </SmallButton>
      }
    >
      <div className={learn.augmentation}>
        <Segments
          label="Way of drawing"
          options={WAYS}
          value={how}
          onChange={(value) => {
            setHow(value);
            if (picture && !off) void session.encoders.makePicture(value);
          }}
        />
      </div>
      {picture && session.encoders.picture() ? (
        <Plot picture={picture} />
      ) : (
        <p className={`t2 ${css.p}`}>
          {how === 'umap'
            ? 'A map of the chosen features on which patches that are alike lie together.'
            : 'The two principal components of the chosen features.'}{' '}
          Draw a rectangle in it to find its patches on the slide.
        </p>
      )}
    </Section>
  );
}

function Plot({ picture }: { picture: PictureSummary }) {
  const session = useLearn();
  const canvas = useRef<HTMLCanvasElement>(null);
  const version = useLearnt((state) => state.picture?.version);
  const classes = useLearnt((state) => state.classes);
  const brushed = useLearnt((state) => state.brushed);
  const all = useLearnt(({ sets }) => sets.find(({ set }) => set === session.encoders.picture()?.set.name)?.rows ?? 0);
  const [box, setBox] = useState<Box>();
  const points = session.encoders.picture()?.points;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the points change with the version, their colours with the classes
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || !points) return;
    const places = placed(points);
    const styles = getComputedStyle(context.canvas);
    const [plain, chosen] = [styles.getPropertyValue('--t3'), styles.getPropertyValue('--accent')];
    const labelled = session.labelColours();
    const isBrushed = new Set(brushed);
    context.clearRect(0, 0, 2 * WIDTH, 2 * HEIGHT);
    context.setTransform(2, 0, 0, 2, 0, 0);
    for (let row = 0; row < places.length / 2; row++) {
      const [x = 0, y = 0] = places.subarray(2 * row, 2 * row + 2);
      if (Number.isNaN(x)) continue; // a sample left it out
      context.beginPath();
      context.arc(x, y, isBrushed.has(row) ? DOT + 1.5 : DOT, 0, 2 * Math.PI);
      context.fillStyle = labelled.get(row) ?? plain;
      context.fill();
      if (!isBrushed.has(row)) continue;
      context.strokeStyle = chosen;
      context.lineWidth = 1.5;
      context.stroke();
    }
    if (!box) return;
    context.strokeStyle = chosen;
    context.lineWidth = 1;
    context.strokeRect(box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0);
  }, [points, version, classes, brushed, box, session]);
  const brush = (of: Box | undefined): void => {
    setBox(of);
    if (points) session.encoders.brush(of ? rowsIn(placed(points), of) : []);
  };
  const at = (event: PointerEvent<HTMLCanvasElement>): { x: number; y: number } => {
    const rect = event.currentTarget.getBoundingClientRect();
    return {
      x: ((event.clientX - rect.left) * WIDTH) / rect.width,
      y: ((event.clientY - rect.top) * HEIGHT) / rect.height,
    };
  };
  const from = useRef<{ x: number; y: number } | undefined>(undefined);
  const onKeyDown = (event: KeyboardEvent): void => {
    const [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key] ?? [];
    if (event.key === 'Escape' && box) brush(undefined);
    if (dx === undefined || dy === undefined) return;
    event.preventDefault();
    const now = box ?? { x0: WIDTH / 2 - 40, y0: HEIGHT / 2 - 40, x1: WIDTH / 2 + 40, y1: HEIGHT / 2 + 40 };
    const [sx, sy] = [12 * dx, 12 * dy];
    brush(
      event.shiftKey
        ? { ...now, x1: Math.max(now.x0 + 8, now.x1 + sx), y1: Math.max(now.y0 + 8, now.y1 + sy) }
        : { x0: now.x0 + sx, y0: now.y0 + sy, x1: now.x1 + sx, y1: now.y1 + sy },
    );
  };
  return (
    <div className={learn.picture}>
      <canvas
        ref={canvas}
        className={learn.plot}
        width={2 * WIDTH}
        height={2 * HEIGHT}
        tabIndex={0}
        role="img"
        aria-label="Patches by their features; drag a rectangle, or move one with the arrow keys, Shift changes its size"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          from.current = at(event);
        }}
        onPointerMove={(event) => {
          const start = from.current;
          if (!start) return;
          const { x, y } = at(event);
          brush({
            x0: Math.min(start.x, x),
            y0: Math.min(start.y, y),
            x1: Math.max(start.x, x),
            y1: Math.max(start.y, y),
          });
        }}
        onPointerUp={(event) => {
          const start = from.current;
          from.current = undefined;
          const { x, y } = at(event);
          if (start && Math.hypot(x - start.x, y - start.y) < 3) brush(undefined);
        }}
        onKeyDown={onKeyDown}
      />
      <p className="t2" aria-live="polite">
        {brushed.length > 0
          ? `${plural(brushed.length, 'patch', 'patches')} framed on the slide.`
          : pictureWords(picture, all)}
      </p>
    </div>
  );
}

/** [rows × 2] CSS px, NaN where it is not drawn: the middle 98 % of either axis fill the picture, what lies farther out stands at its edge. */
function placed(points: Float32Array): Float32Array {
  const out = new Float32Array(points.length);
  for (const axis of [0, 1]) {
    const values = Float32Array.from({ length: points.length / 2 }, (_, row) => points[2 * row + axis] ?? 0);
    const sorted = values.filter(Number.isFinite).sort();
    const low = sorted[Math.floor(0.01 * (sorted.length - 1))] ?? 0;
    const high = sorted[Math.ceil(0.99 * (sorted.length - 1))] ?? 1;
    const side = axis === 0 ? WIDTH : HEIGHT;
    for (const [row, value] of values.entries()) {
      const share = Math.min(1, Math.max(0, (value - low) / (high - low || 1)));
      out[2 * row + axis] = EDGE + (axis === 0 ? share : 1 - share) * (side - 2 * EDGE);
    }
  }
  return out;
}

function rowsIn(places: Float32Array, { x0, y0, x1, y1 }: Box): number[] {
  return Array.from({ length: places.length / 2 }, (_, row) => row).filter((row) => {
    const [x = 0, y = 0] = places.subarray(2 * row, 2 * row + 2);
    return x >= x0 && x <= x1 && y >= y0 && y <= y1;
  });
}
