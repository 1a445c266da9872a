// The run that goes on, those that wait, and what the last one was. Plain values.
import { createStore } from 'zustand/vanilla';
import type { Failure } from '#errors/failure.ts';
import type { RunResult } from '../console.d.ts';
import type { RunStorage, RunSummary } from '../runs/runs-api.ts';

export type RegionChoice = 'view' | 'rectangle' | 'tissue';

/** How far one of the models of a run is. */
export interface ModelShare {
  readonly model: string; //                 id
  readonly done: number; //                  patches committed or failed
  readonly total: number;
  readonly failed: number;
  readonly isOver: boolean;
}

/** Of one run with all its models: patches are counted for each of them. */
export interface Progress {
  readonly run: string;
  readonly isLive: boolean; //               it follows the view: its total is the whole slide
  readonly slideBehind: string | undefined; // name of the slide, where it is not the one on screen
  readonly region: RegionChoice;
  readonly phase: 'loading' | 'planning' | 'running' | 'waiting'; // waiting: for a device or a server, before it tries again
  /** Before it tries again: nothing is lost. */
  readonly waiting: { readonly failure: Failure; readonly seconds: number } | undefined;
  readonly loadedBytes: number; //           of the model
  readonly totalBytes: number | undefined;
  readonly done: number; //                  patches committed or failed
  readonly total: number;
  readonly failed: number;
  readonly patchesPerSecond: number; //      over the last patches; 0 before the first
  readonly secondsLeft: number | undefined;
  readonly since: number; //                 ms of performance.now() at its start, pauses taken out
  readonly areaMm2: number | undefined; //   finished so far
  readonly plannedPx: number; //             level-0 px² to be analysed; 0 before the plan
  readonly embedded: number; //              patches for attention, beside the run
  readonly toEmbed: number; //               0 where the run computes none
  readonly around: number; //                patches around, for glands that reach over the edge; 0 until then
  readonly models: readonly ModelShare[]; // of those that find objects, where they are several; the shown one first
}

export interface DeviceState {
  readonly device: 'webgpu' | 'wasm';
  readonly name: string;
  readonly precision: 'fp32' | 'fp16';
  readonly since: number; //                 ms of Date.now(): when this verdict came
  readonly model: string; //                 id
  readonly sha256: string; //                of the model
  readonly whyNotGpu: string | undefined;
  readonly maxDifference: number;
  readonly tolerance: number;
  readonly verdict: 'trusted' | 'fell back' | 'refused';
  readonly why: string | undefined;
}

export interface EndedRun {
  readonly result: RunResult;
  readonly isWhole: boolean; //              all of its patches were computed in the result's seconds: none came from the disk
  readonly state: 'done' | 'cancelled' | 'stopped';
  readonly region: RegionChoice;
  readonly failures: readonly string[]; //   sentences, one a kind of failure
}

export interface RunState {
  readonly progress: Progress | undefined;
  readonly queued: number;
  readonly list: readonly RunSummary[]; //   all that are known, the latest first
  readonly storage: RunStorage | undefined; // undefined until it was looked at
  readonly live: boolean; //                 what is in view is analysed as the view moves
  readonly device: DeviceState | undefined; // what really computed last
  readonly ended: EndedRun | undefined;
  readonly problem: Failure | undefined; //   why the last run stopped or could not start
}

export const createRunStore = () =>
  createStore<RunState>(() => ({
    progress: undefined,
    queued: 0,
    list: [],
    storage: undefined,
    live: false,
    device: undefined,
    ended: undefined,
    problem: undefined,
  }));
