// JSON of slides' headers.
import { EosinError } from '#errors/failure.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** @throws EosinError CorruptSlide when the bytes are no JSON object */
export function jsonOf(bytes: Uint8Array, name: string): JsonObject {
  try {
    const value: Json = JSON.parse(new TextDecoder().decode(bytes));
    if (isObject(value)) return value;
  } catch (thrown) {
    throw new EosinError({ tag: 'CorruptSlide', name, reason: 'its header is no JSON' }, { cause: thrown });
  }
  throw new EosinError({ tag: 'CorruptSlide', name, reason: 'its header is no JSON object' });
}
