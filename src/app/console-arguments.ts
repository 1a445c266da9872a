// What a script hands to the console may be anything: said in a sentence before it reaches code that trusts its types.
import { unhurried, type Waits } from '#channel/waits.ts';
import { EosinError, isAbort } from '#errors/failure.ts';
import type { Rect } from '#units/rect.ts';
import type { Eosin } from './console.d.ts';

const bad = (what: string, seen: unknown, todo: string): EosinError =>
  new EosinError({ tag: 'BadInput', what, seen: shown(seen), todo });

const shown = (seen: unknown): string => {
  if (seen === undefined) return 'none was given';
  return typeof seen === 'object' ? (JSON.stringify(seen)?.slice(0, 80) ?? 'an object') : String(seen);
};

/** @throws EosinError BadInput where `asked` is none of `known` */
export function oneOf<T extends string>(what: string, asked: T, known: readonly T[]): T {
  if (known.includes(asked)) return asked;
  throw bad(what, asked, `Take one of ${known.join(', ')}.`);
}

/** @throws EosinError BadInput where a side or a corner is no finite number, or nothing lies inside */
export function rectIn(asked: Rect): Rect {
  const isRect =
    typeof asked === 'object' &&
    asked !== null &&
    [asked.x, asked.y, asked.width, asked.height].every(Number.isFinite) &&
    asked.width > 0 &&
    asked.height > 0;
  if (isRect) return asked;
  throw bad('The region', asked, 'Give { x, y, width, height } in level-0 pixels, wider and higher than 0.');
}

const REGIONS = ['view', 'tissue'] as const;

/** @throws EosinError BadInput for what is neither 'view', nor 'tissue', nor an object; how large one is, is seen later */
export function regionIn<R extends object>(asked: R | 'view' | 'tissue' | undefined): typeof asked {
  if (asked === undefined || (typeof asked === 'object' && asked !== null)) return asked;
  if (REGIONS.some((one) => one === asked)) return asked;
  throw bad('The region', asked, "Give 'view', 'tissue' or { x, y, width, height } in level-0 pixels.");
}

type View = Parameters<Eosin['setView']>[0];

/** @throws EosinError BadInput where a number of it is none, or a magnification is not above 0 */
export function viewIn(asked: View): View {
  const { centre, magnification, rotation } = asked;
  if (centre && !(Number.isFinite(centre.x) && Number.isFinite(centre.y)))
    throw bad('The centre', centre, 'Give { x, y } in level-0 pixels.');
  if (magnification !== undefined && !(Number.isFinite(magnification) && magnification > 0))
    throw bad('The magnification', magnification, 'Give a number above 0, such as 20.');
  if (rotation !== undefined && !Number.isFinite(rotation)) throw bad('The rotation', rotation, 'Give degrees.');
  return asked;
}

/** @throws EosinError BadInput for what holds no bytes */
export function blobIn(asked: Blob): Blob {
  if (asked instanceof Blob) return asked;
  throw bad('The file', asked, 'Give a Blob or a File.');
}

/** @throws EosinError BadInput for what is no function */
export function listenerIn<F>(asked: F): F {
  if (typeof asked === 'function') return asked;
  throw bad('The listener', asked, 'Give a function.');
}

/** @throws EosinError BadInput for a signal that is none */
export function waitsIn(asked: Partial<Waits> | undefined): Waits {
  const signal = asked?.signal;
  if (signal === undefined) return unhurried();
  if (signal instanceof AbortSignal) return { signal };
  throw bad('The signal', signal, 'Give the signal of an AbortController.');
}

const isAborted = (asked: unknown): boolean =>
  typeof asked === 'object' &&
  asked !== null &&
  'signal' in asked &&
  asked.signal instanceof AbortSignal &&
  asked.signal.aborted;

/**
 * Every call of `calls`, changed in place, fails with an EosinError or with the reason it was aborted by. What the checks
 * above did not foresee, such as an argument that is not there, is Unexpected, with the engine's error as its cause.
 */
export function failingWell<C extends object>(calls: C): C {
  for (const [name, call] of Object.entries(calls)) {
    if (typeof call !== 'function') continue;
    const fail = (thrown: unknown, asked: readonly unknown[]): never => {
      if (thrown instanceof EosinError || isAbort(thrown) || asked.some(isAborted)) throw thrown;
      const said = thrown instanceof Error ? thrown.message : String(thrown);
      const reason = `${name} stopped at ${said.replace(/\.$/, '')}. Compare its arguments with console.d.ts.`;
      throw new EosinError({ tag: 'Unexpected', reason }, { cause: thrown });
    };
    Reflect.set(calls, name, (...asked: unknown[]): unknown => {
      try {
        const got: unknown = Reflect.apply(call, calls, asked);
        return got instanceof Promise ? got.catch((thrown: unknown) => fail(thrown, asked)) : got;
      } catch (thrown) {
        return fail(thrown, asked);
      }
    });
  }
  return calls;
}
