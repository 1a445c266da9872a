// What the user chose and expects to find again. Kept in localStorage; a broken or absent entry means the defaults.
import { createStore } from 'zustand/vanilla';
import type { ChosenKeys } from '../chosen-keys.ts';
import type { RegionChoice } from './run-store.ts';

export type DeviceChoice = 'auto' | 'webgpu' | 'wasm';
export type Scheme = 'auto' | 'light' | 'dark';

export type Workspace = 'analyse' | 'learn';

export interface SettingsState {
  readonly workspace: Workspace; //               of this window; a new one begins in Analyse
  readonly learnWidth: number | undefined; //     of the inspector in Learn, px
  readonly scheme: Scheme;
  readonly inspectorWidth: number | undefined; // px, 260 to 720; undefined: by the window's width
  readonly goodToKnow: boolean;
  readonly sections: readonly string[]; //        open sections of the inspector
  readonly region: RegionChoice;
  readonly device: DeviceChoice;
  readonly careful: boolean; //                   four views of each patch, and four times as long
  readonly attentionBeside: boolean; //           a run computes attention too, where an attention model is at hand
  readonly keys: ChosenKeys; //                   in place of those that commands came with
  /** Which channel was last chosen for a slide of several, by its name, size and channels. */
  readonly channels: Readonly<Record<string, number>>;
  /** Which focal plane, alike. */
  readonly planes: Readonly<Record<string, number>>;
  /** Views of patches a second that runs of a model reached on a device, by `model on device name`: the only source of forecasts. */
  readonly speeds: Readonly<Record<string, number>>;
}

export const INSPECTOR_MIN = 260;
export const INSPECTOR_MAX = 720;

export const defaultSettings: SettingsState = {
  workspace: 'analyse',
  learnWidth: undefined,
  scheme: 'auto',
  inspectorWidth: undefined,
  goodToKnow: true,
  sections: [
    'layers',
    'analyse',
    'runs',
    'counts',
    'distribution',
    'trust',
    'know',
    'slide',
    'attention',
    'prediction',
    'pooling',
    'labels',
    'heads',
    'encoders',
    'picture',
    'cka',
  ],
  region: 'view',
  device: 'auto',
  careful: false,
  attentionBeside: true,
  keys: {},
  channels: {},
  planes: {},
  speeds: {},
};

const KEY = 'eosin.settings.5'; // a new number where new sections are to open by default

const MOST_NUMBERS = 200; // the last ones count

const numbersOf = (value: unknown): Record<string, number> =>
  typeof value !== 'object' || value === null
    ? {}
    : Object.fromEntries(
        Object.entries(value)
          .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
          .slice(-MOST_NUMBERS),
      );

const MOST_KEY = 30; // characters of a chord

const keysOf = (value: unknown): ChosenKeys =>
  typeof value !== 'object' || value === null
    ? {}
    : Object.fromEntries(
        Object.entries(value).filter(
          (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1].length <= MOST_KEY,
        ),
      );

/** Takes over only what has the right type, field by field. */
export function parseSettings(text: string | null): SettingsState {
  let found: unknown;
  try {
    found = JSON.parse(text ?? '{}');
  } catch {
    return defaultSettings; // written by something else: the defaults stand
  }
  if (typeof found !== 'object' || found === null) return defaultSettings;
  const has = (key: string): unknown => Reflect.get(found, key);
  const one = <T extends string>(key: string, allowed: readonly T[], otherwise: T): T =>
    allowed.find((value) => value === has(key)) ?? otherwise;
  const width = (key: string): number | undefined => {
    const value = has(key);
    return typeof value === 'number' && value >= INSPECTOR_MIN && value <= INSPECTOR_MAX
      ? Math.round(value)
      : undefined;
  };
  const know = has('goodToKnow');
  const sections = has('sections');
  const beside = has('attentionBeside');
  return {
    scheme: one('scheme', ['auto', 'light', 'dark'], defaultSettings.scheme),
    workspace: 'analyse', // a new window begins where a pathologist does
    learnWidth: width('learnWidth'),
    inspectorWidth: width('inspectorWidth'),
    goodToKnow: typeof know === 'boolean' ? know : defaultSettings.goodToKnow,
    sections: Array.isArray(sections)
      ? sections.filter((id): id is string => typeof id === 'string')
      : defaultSettings.sections,
    region: one('region', ['view', 'rectangle', 'tissue'], defaultSettings.region),
    device: one('device', ['auto', 'webgpu', 'wasm'], defaultSettings.device),
    careful: has('careful') === true,
    attentionBeside: typeof beside === 'boolean' ? beside : defaultSettings.attentionBeside,
    keys: keysOf(has('keys')),
    channels: numbersOf(has('channels')),
    planes: numbersOf(has('planes')),
    speeds: numbersOf(has('speeds')),
  };
}

/** `storage` is absent where the browser forbids it; settings then last as long as the tab. */
export function createSettingsStore(storage: Pick<Storage, 'getItem' | 'setItem'> | undefined) {
  const store = createStore<SettingsState>(() => parseSettings(storage?.getItem(KEY) ?? null));
  store.subscribe((state) => storage?.setItem(KEY, JSON.stringify(state)));
  return store;
}
