// What an added ONNX file can be used for here, by what goes in and out; or why it cannot, in a sentence.
import { EosinError } from '#errors/failure.ts';
import { ELEMENT } from '../onnx-fields.ts';
import { type OnnxFacts, type TensorFact, tensorWords } from './onnx-facts.ts';

export type OwnUse =
  /** Patches in, a vector or maps out: its features can be used, whole or from inside. */
  | {
      readonly kind: 'patches';
      readonly input: TensorFact;
      readonly side: number | undefined; //     px, where the graph takes one size alone
      readonly coloursLast: boolean; //         [n, height, width, 3]
      readonly output: 'vector' | 'maps';
    }
  /** Features in: a head or an attention network. Only a manifest says whose features. */
  | { readonly kind: 'rows'; readonly input: TensorFact; readonly channels: number };

/** @throws EosinError ModelInvalid for what is neither */
export function purposeOf({ inputs, outputs }: OnnxFacts, name: string): OwnUse {
  const refuse = (seen: string, todo: string): EosinError =>
    new EosinError({ tag: 'ModelInvalid', model: name, seen, todo });
  const [input, ...more] = inputs;
  if (!input) throw refuse('nothing goes in', 'Export it with its input.');
  if (more.length > 0) {
    const names = inputs.map((each) => each.name).join(', ');
    throw refuse(
      `it has ${inputs.length} inputs (${names})`,
      'Eosin feeds one: patches, or features. Export it with one.',
    );
  }
  if (outputs.length === 0) throw refuse('nothing comes out', 'Export it with its output.');
  const { dims } = input;
  if (!dims) throw refuse(`its input ${input.name} states no shape`, 'Export it with [n, 3, height, width].');
  const words = tensorWords(input);
  if (input.element !== ELEMENT.float)
    throw refuse(
      `its input ${input.name} is ${words}`,
      'Eosin feeds float32: export it so; weights may be float16 behind a Cast.',
    );
  if (dims.length === 2) {
    const channels = dims[1];
    if (typeof channels !== 'number')
      throw refuse(`its input is ${words}`, 'Export it with a fixed number of features.');
    return { kind: 'rows', input, channels };
  }
  if (dims.length !== 4)
    throw refuse(`its input is ${words}`, 'Eosin feeds patches [n, 3, height, width] or features [n, channels].');
  const [, second, third, fourth] = dims;
  const coloursLast = second !== 3 && fourth === 3;
  const [channels, height, width] = coloursLast ? [fourth, second, third] : [second, third, fourth];
  if (typeof channels === 'number' && channels !== 3)
    throw refuse(
      `it reads pictures of ${channels} ${channels === 1 ? 'channel' : 'channels'}`,
      'Eosin feeds three: red, green, blue.',
    );
  const sides = [height, width].filter((side) => typeof side === 'number');
  if (new Set(sides).size > 1) throw refuse(`it reads ${width} × ${height} px`, 'Eosin feeds squares.');
  const isVector = outputs.some((output) => output.dims?.length === 2);
  return { kind: 'patches', input, side: sides[0], coloursLast, output: isVector ? 'vector' : 'maps' };
}
