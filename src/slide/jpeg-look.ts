// Many JPEGs looked through at a time by the kernel. It only ever says that all is well: what is wrong with the others is
// said by the plain look in jpeg-sound.ts.
import { LOOK } from './jpeg-codes.ts';
import { BLOCK_BYTES, type JpegKernel, jpegKernel, SCAN, SCAN_BYTES, TABLE_BYTES, TOGETHER } from './jpeg-kernel.ts';
import { endsWell, partsOf, type Scan, scanOf, unitsOfPart, whyUnsound } from './jpeg-sound.ts';
import { type BlockTables, JpegTables, MOST_TABLES } from './jpeg-tables.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const PAGE = 65_536;
const MOST_BLOCKS = 10; //  of a unit, by the standard
const MOST_BYTES = 2 ** 20; // of a JPEG: tiles are smaller, and a picture is looked through once
const AROUND = 64; //       bytes before and behind data that the kernel may read and write
const CAREFUL = 192; //     bits before the end of data from which on blocks are counted: more than may be left over there

// The memory, in bytes.
const TOLD = 0; //   two numbers from `unstuffed`
const RESTING = 16; // a block that goes on for ever, for lanes without work
const SCANS = 64; //  of the lanes
const BLOCKS = 256;
const TABLES = 1024;
const RESTING_TABLE = TABLES + MOST_TABLES * TABLE_BYTES; // zeros: no bits, no coefficients, no end
const REGIONS = RESTING_TABLE + TABLE_BYTES; // of each lane: its JPEG, and behind that its data backwards
const REGION_BYTES = 2 * (MOST_BYTES + 2 * AROUND);
const END = REGIONS + TOGETHER * REGION_BYTES;

/** A JPEG in a lane, which reads one part after the other: from restart to restart. */
interface Work {
  readonly index: number; // of it in the batch
  readonly jpeg: Bytes;
  readonly scan: Scan;
  readonly parts: number;
  readonly first: number; // table of the unit's first code
  part: number;
  end: number; //            of the part, in the JPEG
  stop: number; //           bit address of its last bit
}

interface Batch {
  readonly waiting: Iterator<[number, Bytes]>;
  readonly whole: Set<number>;
}

/** Of each JPEG what whyUnsound says. */
export type Look = (jpegs: readonly Bytes[]) => readonly (string | undefined)[];

/** A look that belongs to one thread; the plain one where the browser has no such kernels. Made at its first use. */
export function newLook(): Look {
  let look: Look | undefined;
  return (jpegs) => {
    look ??= byKernel() ?? plainLook;
    return look(jpegs);
  };
}

const plainLook: Look = (jpegs) => jpegs.map((jpeg) => whyUnsound(jpeg));

function byKernel(): Look | undefined {
  try {
    const kernel = new JpegLook();
    return (jpegs) => kernel.whyUnsound(jpegs);
  } catch {
    return undefined; // no vectors, or no memory
  }
}

/** Belongs to one thread. */
export class JpegLook {
  readonly #kernel: JpegKernel;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #tables: JpegTables;
  #known: { readonly scan: Scan; readonly tables: readonly BlockTables[] } | undefined; // of the last JPEG

  /** @throws where the browser has no such kernels */
  constructor() {
    const memory = new WebAssembly.Memory({ initial: Math.ceil(END / PAGE) }); // pages that are not touched take none
    this.#kernel = jpegKernel(memory);
    this.#bytes = new Uint8Array(memory.buffer);
    this.#words = new Int32Array(memory.buffer);
    this.#tables = new JpegTables(new Uint16Array(memory.buffer), TABLES);
    this.#words.set([RESTING_TABLE, RESTING], RESTING / 4);
  }

  /** Of each what whyUnsound says. */
  whyUnsound(jpegs: readonly Bytes[]): (string | undefined)[] {
    const whole = this.wholeOf(jpegs);
    return jpegs.map((jpeg, i) => (whole.has(i) ? undefined : whyUnsound(jpeg)));
  }

  /** Those that the kernel finds whole; it leaves alone what it is not for. */
  wholeOf(jpegs: readonly Bytes[]): ReadonlySet<number> {
    this.#tables.forgetIfFull();
    this.#known = undefined;
    const batch: Batch = { waiting: jpegs.entries(), whole: new Set() };
    const lanes = Array.from({ length: TOGETHER }, (_, lane) => this.#goneOn(lane, undefined, batch));
    while (lanes.some((work) => work !== undefined)) {
      this.#kernel.together(SCANS);
      for (const [lane, work] of lanes.entries()) {
        if (work && !this.#reads(lane)) lanes[lane] = this.#goneOn(lane, work, batch);
      }
    }
    return batch.whole;
  }

  /** Ends the part that has stopped in a lane, and starts what comes next there. @returns undefined where nothing does */
  #goneOn(lane: number, stopped: Work | undefined, batch: Batch): Work | undefined {
    let work = stopped;
    do {
      if (work && !this.#endsWell(lane, work)) work = undefined;
      if (work && ++work.part === work.parts) {
        batch.whole.add(work.index);
        work = undefined;
      }
      work ??= this.#begun(lane, batch);
      this.#start(lane, work);
    } while (work && !this.#reads(lane));
    return work;
  }

  #begun(lane: number, { waiting }: Batch): Work | undefined {
    for (let next = waiting.next(); !next.done; next = waiting.next()) {
      const [index, jpeg] = next.value;
      const scan = jpeg.length <= MOST_BYTES ? scanOf(jpeg) : undefined;
      if (typeof scan !== 'object') continue;
      const parts = partsOf(scan);
      const tables = this.#tablesOf(scan);
      const [first] = tables?.[0] ?? [];
      if (!tables || first === undefined || parts === 0) continue;
      this.#putBlocks(blocksOf(lane), tables);
      this.#bytes.set(jpeg, regionOf(lane));
      this.#bytes.set([0xff, 0xd9], regionOf(lane) + jpeg.length);
      return { index, jpeg, scan, parts, first, part: 0, end: scan.from - 2, stop: 0 };
    }
    return undefined;
  }

  #tablesOf(scan: Scan): readonly BlockTables[] | undefined {
    if (this.#known?.scan === scan) return this.#known.tables;
    const tables = scan.blocks.length <= MOST_BLOCKS ? this.#tables.of(scan.blocks) : undefined;
    if (tables) this.#known = { scan, tables };
    return tables;
  }

  #putBlocks(from: number, tables: readonly BlockTables[]): void {
    for (const [i, [, further]] of tables.entries()) {
      const next = (i + 1) % tables.length;
      const first = tables[next]?.[0] ?? further;
      const at = from + i * BLOCK_BYTES;
      this.#words.set([further, at, first, from + next * BLOCK_BYTES], at / 4);
    }
  }

  /** The part behind the one that has ended; a lane without work rests. */
  #start(lane: number, work: Work | undefined): void {
    if (!work) {
      this.#words.set([REGIONS * 8, RESTING_TABLE, RESTING, 0, 0, 0], scanAt(lane) / 4);
      return;
    }
    const top = regionOf(lane) + REGION_BYTES - AROUND;
    this.#kernel.unstuffed(regionOf(lane) + work.end + 2, top, TOLD);
    const bottom = this.#words[TOLD / 4 + 1] ?? 0;
    work.end = (this.#words[TOLD / 4] ?? 0) - regionOf(lane);
    work.stop = bottom * 8 - LOOK;
    this.#words.set([top * 8 - LOOK, work.first, blocksOf(lane), 0, 0, work.stop + CAREFUL], scanAt(lane) / 4);
  }

  #reads(lane: number): boolean {
    return this.#at(lane, 'next') > this.#at(lane, 'stop');
  }

  #at(lane: number, name: keyof typeof SCAN): number {
    return this.#words[(scanAt(lane) + SCAN[name]) / 4] ?? 0;
  }

  /** Reads the last bits of a part one look after the other. */
  #endsWell(lane: number, { jpeg, scan, parts, part, end, stop }: Work): boolean {
    const blocks = unitsOfPart(scan, part) * scan.blocks.length;
    this.#words[(scanAt(lane) + SCAN.stop) / 4] = stop;
    this.#kernel.ended(scanAt(lane), blocks);
    const left = this.#at(lane, 'next') - stop; // bits
    const isWhole = left >= 0 && this.#at(lane, 'blocks') === blocks;
    return isWhole && endsWell(jpeg, end, part, parts, left >> 3);
  }
}

const scanAt = (lane: number): number => SCANS + lane * SCAN_BYTES;
const blocksOf = (lane: number): number => BLOCKS + lane * MOST_BLOCKS * BLOCK_BYTES;
const regionOf = (lane: number): number => REGIONS + lane * REGION_BYTES;
