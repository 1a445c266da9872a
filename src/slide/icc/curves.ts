// Tone curves of an ICC profile: tables, gammas and the five parametric forms, as functions of 0 to 1.
import { type TagBytes, unusable } from './profile-bytes.ts';

/** 0 to 1, to 0 to 1. */
export type Curve = (value: number) => number;

export const clamp = (value: number): number => Math.min(1, Math.max(0, value));

/** Linear between its values, which lie evenly. */
export function tableCurve(table: Float32Array): Curve {
  const last = table.length - 1;
  if (last < 1) throw unusable('one of its tables is empty');
  return (value) => {
    const at = clamp(value) * last;
    const below = Math.min(last - 1, Math.floor(at));
    const low = table[below] ?? 0;
    return low + ((table[below + 1] ?? 0) - low) * (at - below);
  };
}

const PARAMETERS = [1, 3, 4, 5, 7]; // of each form

/** @returns the curve, and how many bytes it takes, to the next multiple of four */
export function readCurve(tag: TagBytes): { readonly curve: Curve; readonly bytes: number } {
  const kind = tag.signature(0);
  if (kind === 'curv') {
    const count = tag.u32(8);
    const bytes = 4 * Math.ceil((12 + 2 * count) / 4);
    if (count === 0) return { curve: clamp, bytes };
    if (count > 1) return { curve: tableCurve(tag.table(12, count, 2)), bytes };
    const gamma = tag.u16(12) / 256;
    return { curve: (value) => clamp(value) ** gamma, bytes };
  }
  if (kind !== 'para') throw unusable(`a curve of it is of the kind '${kind}'`);
  const form = tag.u16(8);
  const count = PARAMETERS[form];
  if (count === undefined) throw unusable(`a curve of it has the unknown form ${form}`);
  return {
    curve: parametric(
      form,
      Array.from({ length: count }, (_, k) => tag.fixed(12 + 4 * k)),
    ),
    bytes: 12 + 4 * count,
  };
}

function parametric(form: number, [g = 1, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0]: readonly number[]): Curve {
  const power = (x: number): number => Math.max(0, a * x + b) ** g;
  const curve: Curve =
    form === 0
      ? (x) => x ** g
      : form === 1
        ? (x) => (a * x + b >= 0 ? power(x) : 0)
        : form === 2
          ? (x) => (a * x + b >= 0 ? power(x) : 0) + c
          : form === 3
            ? (x) => (x >= d ? power(x) : c * x)
            : (x) => (x >= d ? power(x) + e : c * x + f);
  return (value) => {
    const out = curve(clamp(value));
    if (!Number.isFinite(out)) throw unusable('a curve of it has no value');
    return clamp(out);
  };
}
