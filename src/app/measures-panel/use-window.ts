// Which rows of a very long list are in sight.
import { type RefObject, useCallback, useEffect, useMemo, useState } from 'react';
import { RowScroll } from './row-scroll.ts';

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
  const scroll = useMemo(() => new RowScroll(rows, rowPx, heightPx), [rows, rowPx, heightPx]);
  const show = useCallback(
    (row: number) => {
      const element = host.current;
      const to = element ? scroll.topFor(row, element.scrollTop) : undefined;
      if (element && to !== undefined) element.scrollTop = to;
    },
    [host, scroll],
  );
  return {
    first: scroll.firstAt(topPx),
    shown: scroll.shown,
    roomPx: scroll.roomPx,
    onScroll: () => setTop(host.current?.scrollTop ?? 0),
    show,
  };
}
