// What of the window is open: panels, one sheet over the slide, one popover, one notice. Never what they hold.
import { createStore } from 'zustand/vanilla';

export type Sheet = 'keys' | 'model' | 'models' | 'refused' | 'runs' | 'slide' | 'wizard';

export interface Notice {
  readonly id: number;
  readonly tone: 'plain' | 'good' | 'warn' | 'bad';
  readonly text: string;
  readonly action: { readonly label: string; readonly command: string } | undefined;
  readonly seconds: number | undefined; // undefined: stays until closed
  readonly ofSlide: boolean; //            goes with the slide that is on screen
}

/** What counts and plots look at: all that was analysed, the view, what was drawn, the selected gland or annotation. */
export type Scope = 'all' | 'view' | 'drawn' | 'object';

export interface WindowState {
  readonly panels: boolean;
  readonly palette: boolean; //              the list of commands, the only modal
  readonly sheet: Sheet | undefined;
  readonly popover: 'open' | 'calibration' | 'gaps' | 'display' | 'place' | undefined;
  readonly table: boolean; //                of objects, under the slide
  readonly countedIn: Scope;
  readonly notice: Notice | undefined;
  readonly announcement: string; //          read by the live region
}

export const createWindowStore = () =>
  createStore<WindowState>(() => ({
    panels: true,
    palette: false,
    sheet: undefined,
    popover: undefined,
    table: false,
    countedIn: 'all',
    notice: undefined,
    announcement: '',
  }));
export type WindowStore = ReturnType<typeof createWindowStore>;

/** What it offers is done: the notice that offered it goes. */
export const withdraw = (store: WindowStore, command: string): void =>
  store.setState(({ notice }) => (notice?.action?.command === command ? { notice: undefined } : {}));

/** One at a time: a new notice takes the place of the last. */
export const notify = (
  store: WindowStore,
  notice: Pick<Notice, 'text'> & Partial<Pick<Notice, 'tone' | 'action' | 'seconds' | 'ofSlide'>>,
): void =>
  store.setState((state) => ({
    notice: {
      id: (state.notice?.id ?? 0) + 1,
      tone: notice.tone ?? 'plain',
      text: notice.text,
      action: notice.action,
      seconds: notice.seconds,
      ofSlide: notice.ofSlide ?? false,
    },
    announcement: notice.text,
  }));
