// A table as Parquet: a row group a few batches, so that memory holds no more than that.
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { TableBatch, TableColumn, TableValues } from './table.ts';

const ROWS = 100_000; // of a row group

export class ParquetTable {
  readonly type = 'application/vnd.apache.parquet';
  readonly #columns: readonly TableColumn[];
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;
  #waiting: TableBatch[] = [];
  #rows = 0;

  /** @param about what the file says of itself */
  constructor(columns: readonly TableColumn[], about: Readonly<Record<string, string>>) {
    this.#columns = columns;
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: [
        { name: 'root', num_children: columns.length },
        ...columns.map(({ name, type }) => ({ name, repetition_type: 'REQUIRED', ...TYPES[type] }) as const),
      ],
      kvMetadata: Object.entries(about).map(([key, value]) => ({ key, value })),
      createdBy: 'Eosin',
    });
  }

  write(batch: TableBatch): void {
    this.#waiting.push(batch);
    this.#rows += batch.rows;
    if (this.#rows >= ROWS) this.#writeGroup();
  }

  end(): void {
    if (this.#rows > 0) this.#writeGroup();
    void this.#writer.finish();
  }

  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.getBytes().slice();
    this.#bytes.index = 0; // offsets go on, the bytes are gone
    return taken;
  }

  #writeGroup(): void {
    const [waiting, rows] = [this.#waiting, this.#rows];
    [this.#waiting, this.#rows] = [[], 0];
    const columnData = this.#columns.map(({ name }, k) => ({
      name,
      data: joined(
        waiting.flatMap(({ values }) => values[k] ?? []),
        rows,
      ),
    }));
    void this.#writer.write({ columnData, rowGroupSize: rows });
  }
}

const TYPES = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  single: { type: 'FLOAT' },
  double: { type: 'DOUBLE' },
} as const;

function joined(parts: readonly TableValues[], rows: number): string[] | Float32Array | Float64Array {
  const [first] = parts;
  if (!first || 'texts' in first) {
    return parts.flatMap((of) => ('texts' in of ? Array.from(of.index, (k) => of.texts[k] ?? '') : []));
  }
  const all = first instanceof Float32Array ? new Float32Array(rows) : new Float64Array(rows);
  let at = 0;
  for (const of of parts) {
    if ('texts' in of) continue;
    all.set(of, at);
    at += of.length;
  }
  return all;
}
