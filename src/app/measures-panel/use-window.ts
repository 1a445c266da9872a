// Which rows of a very long list are in sight.
import { type RefObject, useCallback, useEffect, useState } from 'react';

const MOST_PX = 8e6; // browsers draw no taller element reliably: beyond that a scroll step is several rows
const HEAD = 24; //     px, the line of heads stays

export interface RowWindow {
  readonly first: number;
  readonly shown: number;
  readonly roomPx: number;
  readonly onScroll: () => void;
  /** Scrolls as little as is needed for a row to be in sight. */
  readonly show: (row: number) => void;
}

/** @param rowPx height of a row, px */
export function useWindow(host: RefObject<HTMLElement | null>, rows: number, rowPx: number): RowWindow {
  const [heightPx, setHeight] = useState(0);
  const [topPx, setTop] = useState(0);
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    setHeight(element.clientHeight);
    return () => observer.disconnect();
  }, [host]);
  const fit = Math.max(1, Math.floor((heightPx - HEAD) / rowPx));
  const roomPx = Math.max(heightPx, Math.min(MOST_PX, rows * rowPx + HEAD));
  const most = Math.max(0, rows - fit); // the last first row
  const scrollPx = Math.max(1, roomPx - heightPx);
  const first = Math.min(most, Math.max(0, Math.round((topPx / scrollPx) * most)));
  const show = useCallback(
    (row: number) => {
      const element = host.current;
      if (!element || most === 0) return;
      const now = Math.min(most, Math.max(0, Math.round((element.scrollTop / scrollPx) * most)));
      if (row >= now && row < now + fit) return;
      const wanted = row < now ? row : row - fit + 1;
      element.scrollTop = (Math.min(most, Math.max(0, wanted)) / most) * scrollPx;
    },
    [host, most, scrollPx, fit],
  );
  return {
    first,
    shown: Math.min(fit, rows),
    roomPx,
    onScroll: () => setTop(host.current?.scrollTop ?? 0),
    show,
  };
}
