// A table as CSV (RFC 4180): commas, CR LF, UTF-8, a head of names, an empty field where a value is not known.
import { ByteText, bytesOf, singleText } from './byte-text.ts';
import type { TableBatch, TableColumn } from './table.ts';

export class CsvWriter {
  readonly type = 'text/csv';
  readonly #out = new ByteText();

  constructor(columns: readonly TableColumn[]) {
    this.#out.text(`${columns.map(({ name }) => field(name)).join(',')}\r\n`);
  }

  write({ rows, values }: TableBatch): void {
    const out = this.#out;
    const texts = values.map((of) => ('texts' in of ? of.texts.map((text) => bytesOf(field(text))) : []));
    for (let row = 0; row < rows; row++) {
      for (const [k, of] of values.entries()) {
        if (k > 0) out.ascii(',');
        if ('texts' in of) out.bytes(texts[k]?.[of.index[row] ?? 0] ?? NOTHING);
        else {
          const value = of[row] ?? Number.NaN;
          if (!Number.isNaN(value)) out.ascii(of instanceof Float32Array ? singleText(value) : String(value));
        }
      }
      out.ascii('\r\n');
    }
  }

  end(): void {
    // nothing follows the last row
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.#out.take();
  }
}

const NOTHING = new Uint8Array(0);

/**
 * In quotes where it needs them. A text that a spreadsheet would take for a formula, also by the wide signs of East Asian
 * keyboards, gets an apostrophe in front, by which spreadsheets know a text (OWASP, CSV injection): names come from other
 * people's files.
 */
function field(text: string): string {
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
