import { expect, test } from 'vitest';
import { createSettingsStore, defaultSettings, parseSettings } from './settings-store.ts';

test('what is absent, broken or of another type means the default', () => {
  expect(parseSettings(null)).toEqual(defaultSettings);
  expect(parseSettings('{nonsense')).toEqual(defaultSettings);
  expect(parseSettings('[]')).toEqual(defaultSettings);
  expect(parseSettings('{"scheme":"pink","inspectorWidth":9999,"goodToKnow":"yes","device":3}')).toEqual(
    defaultSettings,
  );
});

test('what was chosen is found again', () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
  createSettingsStore(storage).setState({
    scheme: 'light',
    careful: true,
    inspectorWidth: 400,
    speeds: { 'a on wasm': 2.5 },
  });
  expect(createSettingsStore(storage).getState()).toMatchObject({
    scheme: 'light',
    careful: true,
    inspectorWidth: 400,
    speeds: { 'a on wasm': 2.5 },
  });
});

test('works where the browser keeps nothing', () => {
  const store = createSettingsStore(undefined);
  store.setState({ device: 'wasm' });
  expect(store.getState().device).toBe('wasm');
});
