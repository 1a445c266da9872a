import type { Pixels } from './slide.ts';
import type { PackedBlock } from './unpack.ts';

/** What the decode worker offers. */
export type DecodeCalls = {
  unpack: { in: PackedBlock; out: Pixels };
};
