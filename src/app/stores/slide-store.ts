// Which slide is open, as plain values. The slide itself belongs to the slide session.
import { createStore } from 'zustand/vanilla';
import type { Failure } from '#errors/failure.ts';
import type { Channels, FocalPlanes } from '#slide/slide.ts';
import type { SlideInfo } from '../console.d.ts';

export type Origin = 'disk' | 'address' | 'sample';

export interface OpenSlide {
  readonly id: number; //                 grows with every slide opened, so that late answers can be told from new ones
  readonly info: SlideInfo;
  readonly origin: Origin;
  readonly address: string | undefined; // that opens on what is shown of it, if it was read from one
  readonly mppSetByUser: boolean;
  readonly channels?: Channels | undefined; // of a slide with several
  readonly planes?: FocalPlanes | undefined; // of a slide with several
}

/** An opening that failed: what was asked, and why it could not be. The slide open before stays open. */
export interface OpenProblem {
  readonly name: string;
  readonly address: string | undefined;
  readonly failure: Failure;
}

/** A slide that was opened in this window and not closed. */
export interface SlideTab {
  readonly id: number;
  readonly title: string;
}

export interface SlideState {
  readonly open: OpenSlide | undefined;
  readonly opening: string | undefined; // the name of what is being opened
  readonly problem: OpenProblem | undefined;
  readonly gaps: number; //               tiles that would not decode, so far
  readonly isDark?: boolean; //           bright objects on black, once it was looked for
  readonly tabs: readonly SlideTab[]; //  of slides that are open, the one on screen among them
  readonly tab: number | undefined; //    the one on screen
}

/** What people call it: the sample's own name is its address. */
export const titleOfSlide = ({ info, origin }: Pick<OpenSlide, 'info' | 'origin'>): string =>
  origin === 'sample' ? `Sample ${info.name.replace('phantom:', '')}, synthetic` : info.name;

export const createSlideStore = () =>
  createStore<SlideState>(() => ({
    open: undefined,
    opening: undefined,
    problem: undefined,
    gaps: 0,
    tabs: [],
    tab: undefined,
  }));

/** The open slide stays, its pixel size is another. */
export function onNewMpp(store: ReturnType<typeof createSlideStore>, listener: () => void): void {
  store.subscribe(({ open }, { open: before }) => {
    if (!open || open.id !== before?.id) return;
    const [now, then] = [open.info.mpp, before.info.mpp];
    if (now?.x !== then?.x || now?.y !== then?.y) listener();
  });
}
