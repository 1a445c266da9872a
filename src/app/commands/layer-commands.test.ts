import { expect, test } from 'vitest';
import { createStores } from '../stores.ts';
import { layerCommands } from './layer-commands.ts';

test('a key for what is not there says what that is', () => {
  const commands = layerCommands({ stores: createStores(undefined) } as Parameters<typeof layerCommands>[0]);
  const whyNot = (key: string) => commands.find(({ keys }) => keys.includes(key))?.whyNot();
  expect(['H', 'A', 'C', 'T', 'F'].map(whyNot)).toEqual([
    'Not computed yet: nuclei',
    'Not computed yet: glands',
    'Not computed yet: tissue classes',
    'Not computed yet: attention',
    'Not computed yet: nuclei',
  ]);
});
