import { expect, test } from 'vitest';
import { random } from '../testing/random.ts';
import { JsonCursor, MORE } from './json-bytes.ts';
import { geometryOf } from './raw-geometry.ts';

const next = random(5);
const pick = <T>(...of: readonly T[]): T => of[Math.floor(of.length * next())] as T;

/** A number as some program writes it. */
const numeral = (): string =>
  pick(
    () => (90_000 * next()).toFixed(2),
    () => (90_000 * next()).toFixed(Math.floor(9 * next())),
    () => String(Math.floor(90_000 * next())),
    () => String(90_000 * next()), //  sixteen digits
    () => String(-5 * next()),
    () => (90_000 * next()).toExponential(),
    () => '0.00',
    () => '-0.5',
    () => '123456789',
    () => '1234567890.25', // beyond 32 bits
  )();
const position = (): string =>
  pick(
    () => `[${numeral()},${numeral()}]`,
    () => `[${numeral()},${numeral()}]`,
    () => `[${numeral()}, ${numeral()}]`,
    () => `[ ${numeral()},${numeral()} ]`,
    () => `[${numeral()},${numeral()},${numeral()}]`,
  )();

test('positions are JSON’s own, however they are written, and wherever the bytes at hand end', () => {
  for (let k = 0; k < 300; k++) {
    const rings = Array.from({ length: 1 + 2 * next() }, () => Array.from({ length: 1 + 8 * next() }, position));
    const text = `[${rings.map((ring) => `[${ring.join(pick(',', ',', ', ', '\n,'))}]`).join(',')}]`;
    const truth = (JSON.parse(text) as number[][][]).flat().flatMap((at) => at.slice(0, 2));
    const bytes = new TextEncoder().encode(`{"type":"Polygon","coordinates":${text}}`);
    expect(Array.from(geometryOf(new JsonCursor(bytes, 0, bytes.length, true))?.points ?? [])).toEqual(truth);
    // What lies behind the end is of an earlier piece: never read, though it looks like more of the same.
    const end = Math.floor(bytes.length * next());
    const cut = new JsonCursor(bytes.slice(), 0, end, false);
    expect(() => geometryOf(cut)).toThrow(MORE as never);
  }
});
