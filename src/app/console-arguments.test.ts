import { expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import { blobIn, failingWell, oneOf, rectIn, regionIn, viewIn, waitsIn } from './console-arguments.ts';

/** As a script hands it over: no types there. */
const anything = (text: string) => JSON.parse(text);

test('a region has four finite numbers and is wider than nothing', () => {
  const region = { x: -5, y: 0, width: 1, height: 2 };
  expect(rectIn(region)).toBe(region);
  for (const wrong of [
    { ...region, x: Number.NaN },
    { ...region, width: 0 },
    { ...region, height: -1 },
  ])
    expect(() => rectIn(wrong)).toThrow(/^The region: \{.*Give \{ x, y, width, height \}/);
  for (const wrong of ['null', '{}', '"view"']) expect(() => rectIn(anything(wrong))).toThrow(/The region/);
});

test('a region to analyse is a word of two, or an object', () => {
  expect(regionIn('view')).toBe('view');
  expect(regionIn(undefined)).toBeUndefined();
  expect(() => regionIn(anything('"all"'))).toThrow("The region: all. Give 'view', 'tissue' or");
  expect(() => regionIn(anything('null'))).toThrow('The region: null.');
});

test('a view has numbers where it has any', () => {
  expect(viewIn({})).toEqual({});
  expect(viewIn({ centre: { x: 1, y: 2 }, magnification: 0.5, rotation: -90 })).toMatchObject({ rotation: -90 });
  expect(() => viewIn({ centre: { x: 1, y: Number.NaN } })).toThrow('The centre');
  expect(() => viewIn(anything('{"centre":{"x":1}}'))).toThrow('The centre');
  expect(() => viewIn({ magnification: 0 })).toThrow('The magnification: 0. Give a number above 0');
  expect(() => viewIn(anything('{"magnification":"20"}'))).toThrow('The magnification: 20.');
  expect(() => viewIn({ rotation: Number.POSITIVE_INFINITY })).toThrow('The rotation');
});

test('names are of a list, files hold bytes, signals are signals', () => {
  expect(() => oneOf('The kind', anything('"cells"'), ['nuclei', 'glands'])).toThrow(
    'The kind: cells. Take one of nuclei, glands.',
  );
  expect(() => blobIn(anything('"x"'))).toThrow('The file: x. Give a Blob or a File.');
  expect(() => waitsIn(anything('{"signal":3}'))).toThrow('The signal: 3.');
  const { signal } = new AbortController();
  expect(waitsIn({ signal }).signal).toBe(signal);
  expect(waitsIn(undefined).signal.aborted).toBe(false);
});

test('whatever a call stops by has a failure, save the reason it was aborted by', async () => {
  const stopped = new TypeError('nothing is undefined.');
  const failure = { tag: 'BadInput', what: 'A', seen: 'b', todo: 'C.' } as const;
  const calls = failingWell({
    version: '1',
    soon: async () => Promise.reject(stopped),
    now: () => {
      throw stopped;
    },
    foreseen: async () => Promise.reject(new EosinError(failure)),
    left: async ({ signal }: { signal: AbortSignal }) => Promise.reject(signal.reason),
    well: async (n: number) => n + 1,
  });
  expect(calls.version).toBe('1');
  expect(await calls.well(1)).toBe(2);
  const reason = 'soon stopped at nothing is undefined. Compare its arguments with console.d.ts.';
  await expect(calls.soon()).rejects.toMatchObject({
    message: reason,
    failure: { tag: 'Unexpected', reason },
    cause: stopped,
  });
  expect(() => calls.now()).toThrow('now stopped at nothing is undefined.');
  await expect(calls.foreseen()).rejects.toMatchObject({ failure });
  await expect(calls.left({ signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
});
