/**
 * Every failure some caller handles differently. Fields are plain data, so a failure crosses a worker with its tag.
 * `describe` turns one into what was seen and what to do.
 */
export type Failure =
  | { tag: 'UnsupportedSlide'; name: string; reason: string; todo: string }
  | { tag: 'CorruptSlide'; name: string; reason: string }
  | { tag: 'CorruptTile'; level: number; col: number; row: number; reason: string }
  | { tag: 'NotFound'; url: string; status: number }
  | { tag: 'Unreachable'; url: string; reason: string } // network down, host gone, or CORS: a browser does not say which
  | { tag: 'NoRanges'; url: string; bytes: number | undefined }
  | { tag: 'NotASlide'; name: string; seen: string }
  | { tag: 'SlideChanged'; name: string } // replaced, or gone, while it was being read
  | { tag: 'Uncalibrated'; name: string }
  | { tag: 'TooLittleTissue'; pixels: number }
  | { tag: 'ModelInvalid'; model: string; seen: string; todo: string }
  | { tag: 'ModelHash'; model: string; expected: string; seen: string }
  // Zeros, NaN or drift on the golden patch or in a run. Refused: no device computes it, the last one was so far off.
  | { tag: 'ModelWrong'; model: string; device: string; seen: string; refusedAt?: number }
  | { tag: 'NoGpu'; reason: string }
  | { tag: 'DeviceLost'; label: string; reason: string }
  | { tag: 'TimedOut'; label: string; seconds: number }
  | { tag: 'WorkerDied'; label: string; reason: string }
  | { tag: 'StorageFull'; neededBytes: number | undefined; freeBytes: number | undefined } // needed: where it was foreseen
  | { tag: 'StorageBusy'; name: string } // another tab writes it
  | { tag: 'UseAfterDispose'; label: string }
  | { tag: 'BadInput'; what: string; seen: string; todo: string }
  | { tag: 'Unexpected'; reason: string };

/** A sentence: what was seen, then what to do. No exclamation, no apology. */
export function describe(failure: Failure): string {
  switch (failure.tag) {
    case 'UnsupportedSlide':
      return `${failure.name} is ${failure.reason}, which Eosin does not read. ${failure.todo}`;
    case 'CorruptSlide':
      return `${failure.name} starts like a slide, but ${failure.reason}. Copy the file again from the scanner or the archive.`;
    case 'CorruptTile':
      return `The tile at level ${failure.level}, column ${failure.col}, row ${failure.row} would not decode: ${failure.reason}.`;
    case 'NotFound':
      return `The server answered ${failure.status} for ${failure.url}. Check the address.`;
    case 'Unreachable':
      return `${failure.url} could not be read: ${failure.reason}. Either the host cannot be reached, or it does not allow this page to read it (CORS). The host must send Access-Control-Allow-Origin.`;
    case 'NoRanges':
      return `The server of ${failure.url} sends whole files only${failure.bytes === undefined ? '' : ` (${(failure.bytes / 1e6).toFixed(1)} MB here)`}. Slides are read in parts: enable byte ranges on the host, or download the file and open it from disk.`;
    case 'NotASlide':
      return `${failure.name} is not a slide that Eosin knows: it starts with ${failure.seen}. Eosin reads SVS, TIFF, OME-TIFF, DICOM, NDPI, SCN, BIF, QPTIFF, OME-Zarr, DZI, IIIF, PNG and JPEG.`;
    case 'SlideChanged':
      return `${failure.name} was changed or removed while it was open. Open it again.`;
    case 'Uncalibrated':
      return `${failure.name} does not say how large its pixels are. Choose a pixel size first: the model needs it.`;
    case 'TooLittleTissue':
      return `Only ${failure.pixels} pixels of tissue were found. Analyse the view or a rectangle instead.`;
    case 'ModelInvalid':
      return `The model ${failure.model} cannot be used: ${failure.seen}. ${failure.todo}`;
    case 'ModelHash':
      return `The file of ${failure.model} is not the one its manifest names: SHA-256 starts ${failure.seen.slice(0, 8)}, expected ${failure.expected.slice(0, 8)}. Download or copy the model again.`;
    case 'ModelWrong':
      return `${failure.device} gave wrong numbers with ${failure.model}: ${failure.seen}.`;
    case 'NoGpu':
      return `No GPU is used: ${failure.reason}.`;
    case 'DeviceLost':
      return `The GPU was lost (${failure.reason}). What is computed stays; start the run again to go on.`;
    case 'TimedOut':
      return `${failure.label} did not answer within ${failure.seconds} s. It was stopped; start the run again to go on.`;
    case 'WorkerDied':
      return `${failure.label} stopped: ${failure.reason}. What is computed stays; start the run again to go on.`;
    case 'StorageFull':
      return `${storageSeen(failure)} Export results, then remove earlier runs of the list or free space on the disk.`;
    case 'StorageBusy':
      return `Another tab of this browser is writing ${failure.name}. Go on there, or close that tab first.`;
    case 'UseAfterDispose':
      return `${failure.label} was used after it was released.`;
    case 'BadInput':
      return `${failure.what}: ${failure.seen}. ${failure.todo}`;
    case 'Unexpected':
      return failure.reason;
  }
}

function storageSeen({ neededBytes, freeBytes }: { neededBytes: number | undefined; freeBytes: number | undefined }) {
  const mb = (bytes: number): string => `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
  if (neededBytes === undefined) return "The browser's storage is full.";
  const has = freeBytes === undefined ? 'less' : `${mb(freeBytes)} free`;
  return `This run needs about ${mb(neededBytes)} of the browser's storage, which has ${has}.`;
}

/** The only error that Eosin throws on purpose. `message` is a sentence for users, `failure` is for code. */
export class EosinError<F extends Failure = Failure> extends Error {
  readonly failure: F;
  constructor(failure: F, options?: ErrorOptions) {
    super(describe(failure), options);
    this.failure = failure;
    this.name = failure.tag;
  }
}

/** Whatever was thrown, as a failure that can cross a worker. */
export const failureOf = (thrown: unknown): Failure =>
  thrown instanceof EosinError
    ? thrown.failure
    : { tag: 'Unexpected', reason: thrown instanceof Error ? thrown.message : String(thrown) };

/** True for the rejection of an aborted call, which is not a failure. */
export const isAbort = (thrown: unknown): boolean => thrown instanceof Error && thrown.name === 'AbortError';

/** For invariants the type system cannot see. */
export function assert(condition: unknown, reason: string): asserts condition {
  if (!condition) throw new EosinError({ tag: 'Unexpected', reason });
}
