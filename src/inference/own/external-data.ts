// Weights that an exporter put beside the ONNX file: which files they lie in, and how they come back into the one file
// that a model folder holds.
import { EosinError } from '#errors/failure.ts';
import { GRAPH, MODEL, TENSOR } from '../onnx-fields.ts';
import { bytesField, type Field, fieldsOf, joined, messagesOf, numbersOf, textsOf } from '../protobuf.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const EXTERNAL = 1; // TensorProto.DataLocation
const ENTRY = { key: 1, value: 2 } as const; // StringStringEntryProto

interface Place {
  readonly location: string;
  readonly offset: number;
  readonly length: number | undefined;
}

/** Where a tensor's data lie; undefined where they are in the file itself. */
function placeOf(tensor: readonly Field[]): Place | undefined {
  if (numbersOf(tensor, TENSOR.location)[0] !== EXTERNAL) return undefined;
  const entries = new Map(
    messagesOf(tensor, TENSOR.external).map((bytes) => {
      const entry = [...fieldsOf(bytes)];
      return [textsOf(entry, ENTRY.key)[0] ?? '', textsOf(entry, ENTRY.value)[0] ?? ''];
    }),
  );
  const length = entries.get('length');
  return {
    location: entries.get('location') ?? '',
    offset: Number(entries.get('offset') ?? 0),
    length: length === undefined ? undefined : Number(length),
  };
}

const initializersOf = (onnx: Bytes): Field[][] =>
  messagesOf([...fieldsOf(onnx)], MODEL.graph)
    .flatMap((graph) => messagesOf([...fieldsOf(graph)], GRAPH.initializer))
    .map((bytes) => [...fieldsOf(bytes)]);

/** Each once. */
export const externalFilesOf = (onnx: Bytes): string[] => [
  ...new Set(initializersOf(onnx).flatMap((tensor) => placeOf(tensor)?.location ?? [])),
];

/**
 * The same model in one file.
 * @param files by their names, without folders
 * @throws EosinError ModelInvalid where a file is not among them or is too short
 */
export function withExternalData(onnx: Bytes, files: ReadonlyMap<string, Bytes>, name: string): Bytes {
  const inlined = (bytes: Bytes): Bytes => {
    const tensor = [...fieldsOf(bytes)];
    const place = placeOf(tensor);
    if (!place) return bytes;
    const file = files.get(place.location.split('/').at(-1) ?? '');
    if (!file) throw lacking(name, `its weights lie in another file (${place.location})`);
    const end = place.offset + (place.length ?? file.length - place.offset);
    if (!(place.offset >= 0 && end <= file.length && end >= place.offset))
      throw lacking(name, `${place.location} ends at ${file.length} bytes, its weights reach to ${end}`);
    const kept = tensor.filter(({ number }) => number !== TENSOR.location && number !== TENSOR.external);
    return joined([...kept.map(({ raw }) => raw), bytesField(TENSOR.raw, file.subarray(place.offset, end))]);
  };
  const rewritten = (fields: readonly Field[], number: number, change: (bytes: Bytes) => Bytes): Bytes[] =>
    fields.map((field) =>
      field.number === number && field.wire === 'bytes' ? bytesField(number, change(field.value)) : field.raw,
    );
  const graph = (bytes: Bytes): Bytes => joined(rewritten([...fieldsOf(bytes)], GRAPH.initializer, inlined));
  return joined(rewritten([...fieldsOf(onnx)], MODEL.graph, graph));
}

const lacking = (model: string, seen: string): EosinError =>
  new EosinError({ tag: 'ModelInvalid', model, seen, todo: 'Drop that file together with the model, whole.' });
