// Under which name the settings keep how fast runs were: the same words where it is measured and where it is forecast.
import type { Views } from '#inference/model.ts';
import type { DeviceChoice } from './stores/settings-store.ts';

export const speedKey = (model: string | undefined, device: DeviceChoice, views: Views): string =>
  `${model} on ${device}${views === 1 ? '' : `, ${views} views`}`;
