// Everything one window works with, handed to React once; parts that are not plain values live here, not in stores.
import { createContext, useContext } from 'react';
import { assert } from '#errors/failure.ts';
import type { Viewer } from '#viewer/viewer-api.ts';
import type { Command } from './commands/command.ts';
import type { DrawnObjects } from './drawn-objects.ts';
import type { FoundObjects } from './found-objects.ts';
import type { LazyAttention } from './lazy-attention.ts';
import type { LazyCompare } from './lazy-compare.ts';
import type { LazyFiles } from './lazy-files.ts';
import type { LazyLearn } from './lazy-learn.ts';
import type { LazyMeasures } from './lazy-measures.ts';
import type { LazyWizard } from './lazy-wizard.ts';
import type { MemoryStore } from './memory.ts';
import type { RunSession } from './run-session.ts';
import type { SlideWays, TabbedSlides } from './slide-session.ts';
import type { Stores } from './stores.ts';
import type { TrafficStore } from './traffic.ts';

/** Where the viewer draws: made before React, put into its place by SlideArea. */
export interface Stage {
  readonly element: HTMLElement;
  readonly navigator: HTMLElement;
  readonly drawer: 'webgl' | 'canvas' | undefined; // of all viewers; undefined: what is fastest here
}

export interface Workbench {
  readonly stage: Stage;
  readonly viewer: Viewer;
  readonly stores: Stores;
  readonly slides: TabbedSlides;
  readonly ways: SlideWays; // for slides that are not to be shown
  readonly found: FoundObjects;
  readonly drawn: DrawnObjects;
  readonly runs: RunSession;
  readonly attention: LazyAttention;
  readonly learn: LazyLearn;
  readonly compared: LazyCompare;
  readonly measures: LazyMeasures;
  readonly wizard: LazyWizard;
  readonly files: LazyFiles;
  readonly traffic: TrafficStore;
  readonly memory: MemoryStore;
}

/** The workbench with its commands, which need it themselves. */
export interface Desk extends Workbench {
  readonly commands: readonly Command[];
  /** Runs a command where it can run; a failure becomes a notice. */
  invoke(id: string): void;
}

const DeskContext = createContext<Desk | undefined>(undefined);
export const DeskProvider = DeskContext.Provider;

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  assert(desk, 'A component was rendered outside of DeskProvider.');
  return desk;
}

export function commandOf(desk: Desk, id: string): Command {
  const found = desk.commands.find((command) => command.id === id);
  assert(found, `There is no command named ${id}.`);
  return found;
}
