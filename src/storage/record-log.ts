// Records of bytes in the order they were appended: what a journal is written to.
import type { Waits } from '#channel/waits.ts';

export interface RecordLog {
  /**
   * Takes the record over. Resolves once it is on disk.
   * @throws EosinError StorageFull, and what else the disk says: then nothing of it is kept
   */
  append(record: Uint8Array<ArrayBuffer>, waits: Waits): Promise<void>;
  /** In the order appended, each the caller's own. Those appended meanwhile may or may not be among them. */
  records(waits: Waits): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>;
}
