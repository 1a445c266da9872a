// Why a slide at an address does not open: one check after the other, up to the first that fails.
import type { Waits } from '#channel/waits.ts';
import { describe, EosinError, failureOf } from '#errors/failure.ts';
import { FIRST_BYTES } from './byte-source.ts';
import { whatStarts } from './first-bytes.ts';
import type { HostNeed } from './host-lines.ts';
import { type Probe, probeOf } from './probe.ts';
import { release } from './raster.ts';
import type { Slide } from './slide.ts';
import { announcedSize, type Fetch, wrongPart } from './url-source.ts';

export type CheckId = 'address' | 'reach' | 'cors' | 'file' | 'range' | 'encoding' | 'type' | 'content';

export interface Check {
  readonly id: CheckId;
  readonly step: string;
  readonly outcome: 'ok' | 'failed' | 'unknown'; // unknown: an earlier one failed
  readonly seen: string;
  readonly todo: string | undefined;
  readonly need: HostNeed | undefined; // what the host lacks, where it is that
}

export interface Diagnosis {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  /** Bytes of the whole file, where the host told. */
  readonly bytes: number | undefined;
}

/** What differs between a page, a worker and a test. */
export interface Surroundings {
  readonly fetch: Fetch;
  /** Where the page that asks is served from. */
  readonly origin: string;
  /** The page gets no answers of hosts that do not agree to be read (COEP), not even that there is one. */
  readonly isolated: boolean;
  readonly open: (url: string, waits: Waits) => Promise<Slide>;
  /** Milliseconds that only grow. */
  readonly now: () => number;
}

const STEPS: readonly (readonly [CheckId, string])[] = [
  ['address', 'The address is well formed'],
  ['reach', 'The host answers'],
  ['cors', 'The host lets this page read'],
  ['file', 'The file is there'],
  ['range', 'The host sends parts of a file'],
  ['encoding', 'The bytes come as they are stored'],
  ['type', 'The host calls it no web page'],
  ['content', 'The content is a slide'],
];

/** What a host is to be told, by the check that failed. */
const NEEDS: Partial<Record<CheckId, HostNeed>> = { reach: 'cors', cors: 'cors', range: 'range', encoding: 'encoding' };

class Stopped extends Error {
  readonly seen: string;
  readonly todo: string;
  readonly need: HostNeed | undefined;
  constructor(seen: string, todo: string, need?: HostNeed) {
    super(seen);
    this.seen = seen;
    this.todo = todo;
    this.need = need;
  }
}

/** Never rejects but for the signal's reason: what goes wrong is what is told. */
export async function diagnose(given: string, around: Surroundings, waits: Waits): Promise<Diagnosis> {
  const seen = new Map<CheckId, string>();
  let bytes: number | undefined;
  let failed: { id: CheckId; seen: string; todo: string; need: HostNeed | undefined } | undefined;
  const run = async <T>(id: CheckId, check: () => Promise<readonly [said: string, found: T]>): Promise<T> => {
    try {
      const [said, found] = await check();
      seen.set(id, said);
      return found;
    } catch (thrown) {
      waits.signal.throwIfAborted();
      if (!(thrown instanceof Stopped)) throw thrown;
      failed = { id, seen: thrown.seen, todo: thrown.todo, need: thrown.need ?? NEEDS[id] };
      throw thrown;
    }
  };
  try {
    const url = await run('address', async () => addressOf(given, around.origin));
    const probe = probeOf(url);
    const answer = await run('reach', () => reached(url, probe, around, waits));
    await run('cors', async () => [corsOf(url, answer, around), undefined]);
    const { response, error } = answer;
    if (!response) throw error;
    await run('file', async () => [`HTTP ${response.status}`, isThere(response, url)]);
    const part = await run('range', async () => {
      if (probe.apart) return [`not needed: ${probe.apart} comes in small files`, await upTo(response, FIRST_BYTES)];
      bytes = totalOf(response) ?? (response.status === 200 ? announced(response) : undefined);
      return partOf(response, bytes);
    });
    if (!probe.apart) bytes ??= await announcedSize(around.fetch, url.href, waits).catch(nothing(waits));
    await run('encoding', async () => [probe.apart ? 'not needed' : encodingOf(response, part, bytes), undefined]);
    await run('type', async () => [typeOf(response, part, probe), undefined]);
    await run('content', async () => [await contentOf(url.href, part, probe, around, waits), undefined]);
  } catch (thrown) {
    waits.signal.throwIfAborted();
    if (!failed) {
      const next = STEPS.find(([id]) => !seen.has(id))?.[0] ?? 'content';
      failed = { id: next, seen: describe(failureOf(thrown)), todo: 'Try again.', need: undefined };
    }
  }
  const checks = STEPS.map(([id, step]): Check => {
    if (failed?.id === id)
      return { id, step, outcome: 'failed', seen: failed.seen, todo: failed.todo, need: failed.need };
    const said = seen.get(id);
    const rest = { todo: undefined, need: undefined };
    if (said !== undefined) return { id, step, outcome: 'ok', seen: said, ...rest };
    return { id, step, outcome: 'unknown', seen: 'Not known until the line above is solved.', ...rest };
  });
  return { ok: failed === undefined, checks, bytes };
}

function addressOf(given: string, origin: string): readonly [string, URL] {
  let url: URL;
  try {
    url = new URL(given, `${origin}/`);
  } catch {
    throw new Stopped(`“${given}” is no address.`, 'Write it as https://host/path/slide.svs.');
  }
  if (url.username !== '' || url.password !== '')
    throw new Stopped('It holds a user name or a password, which browsers refuse.', 'Leave them out of the address.');
  if (url.protocol === 'file:')
    throw new Stopped('It is a place on a disk. A page may not read it by its address.', 'Open it as a file.');
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new Stopped(`It begins with ${url.protocol}, which a page cannot read.`, 'Use its https address.');
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol === 'http:' && origin.startsWith('https:') && !isLocal)
    throw new Stopped('It is http, and this page is https: browsers refuse the mixture.', 'Use its https address.');
  const own = url.origin === origin;
  return [`${url.protocol.replace(':', '')}, ${own ? 'the host of this page' : 'no mixed content'}`, url];
}

interface Answer {
  readonly response: Response | undefined; // absent where the browser keeps it from this page
  readonly error: unknown;
}

async function reached(
  url: URL,
  { addresses, headers }: Probe,
  { fetch, origin, isolated, now }: Surroundings,
  { signal }: Waits,
) {
  const started = now();
  const said = (): string => `${url.host}, in ${Math.max(1, Math.round(now() - started))} ms`;
  try {
    const [first = url.href, second] = addresses;
    let response = await fetch(first, { headers, cache: 'no-store', signal });
    if (second !== undefined && (response.status === 404 || response.status === 403)) {
      await response.body?.cancel();
      response = await fetch(second, { headers, cache: 'no-store', signal });
    }
    const found: Answer = { response, error: undefined };
    return [said(), found] as const;
  } catch (error) {
    signal.throwIfAborted();
    const kept: Answer = { response: undefined, error };
    if (url.origin !== origin && !isolated && (await answersAtAll(fetch, url, signal))) return [said(), kept] as const;
    if (url.origin !== origin && isolated) {
      throw new Stopped(
        `${url.host} gave no answer that the browser lets this page see. Either the host is not reached, or it does not allow this page to read (CORS): with the isolation that threads need, a browser does not tell these two apart.`,
        'Open the address in a tab of its own. If that downloads the file, the host lacks the lines below; if not, the host or the network is the cause.',
      );
    }
    throw new Stopped(
      `${url.host} was not reached: ${error instanceof Error ? error.message : 'the network failed'}.`,
      'Check the name of the host, the network, and a firewall or VPN between.',
    );
  }
}

/** An answer that the page may not read still tells that there is somebody. */
async function answersAtAll(fetch: Fetch, url: URL, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(url.href, { mode: 'no-cors', method: 'HEAD', cache: 'no-store', signal });
    await response.body?.cancel();
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

function corsOf(url: URL, { response }: Answer, { origin }: Surroundings): string {
  if (url.origin === origin) return 'the page’s own host';
  if (!response) {
    throw new Stopped(
      'No. The browser got an answer but keeps it from this page: the header Access-Control-Allow-Origin is missing or names another page.',
      `The host must send Access-Control-Allow-Origin: ${origin}`,
    );
  }
  const hidden = ['Content-Range', 'ETag'].filter((name) => !response.headers.has(name));
  return hidden.length === 0 || response.status !== 206
    ? 'yes'
    : `yes, but ${hidden.join(' and ')} ${hidden.length > 1 ? 'are' : 'is'} hidden (Access-Control-Expose-Headers)`;
}

function isThere({ status }: Response, url: URL): void {
  if (status === 200 || status === 206 || status === 416) return;
  if (status === 401 || status === 403) {
    const signed = /[?&](X-Amz-|sig=|Signature=|Expires=|token=)/i.test(url.search);
    throw new Stopped(
      `The host answered ${status}: this page may not have it.`,
      signed
        ? 'The address carries a signature, which may have run out. Ask for a fresh one.'
        : 'Log in with the host, or have the file made public or given a signed address.',
    );
  }
  if (status === 404 || status === 410)
    throw new Stopped(`The host answered ${status}: it has no such file.`, 'Check the path, and upper and lower case.');
  throw new Stopped(`The host answered ${status}.`, 'Try again later; if it stays, tell who runs the host.');
}

async function partOf(response: Response, size: number | undefined) {
  if (response.status === 416) return ['the file is empty', new Uint8Array(0)] as const;
  const wrong = response.status === 206 ? wrongPart(response, 0) : undefined;
  if (wrong) {
    await response.body?.cancel();
    throw new Stopped(
      `No: ${wrong}.`,
      'Download the whole file once and read it here. The host, or something between, answers parts of files wrongly.',
    );
  }
  const bytes = await upTo(response, FIRST_BYTES + 1);
  if (response.status === 206) return ['206, as asked', bytes.subarray(0, FIRST_BYTES + 1)] as const;
  if (bytes.byteLength <= FIRST_BYTES) return ['no, but all of it fits in one part', bytes] as const;
  const whole = size === undefined ? '' : ` It is ${(size / 1e6).toFixed(1)} MB.`;
  throw new Stopped(
    `No. It was asked for ${FIRST_BYTES / 1024} KiB and began to send the whole file; that was stopped.${whole}`,
    'Download the whole file once and read it here, or enable byte ranges on the host.',
  );
}

/** The first bytes of a body; what comes behind them is not downloaded. */
async function upTo(response: Response, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const out = new Uint8Array(most);
  let length = 0;
  const reader = response.body?.getReader();
  try {
    while (reader && length < most) {
      const { done, value } = await reader.read();
      if (done) return out.slice(0, length);
      const part = value.subarray(0, most - length);
      out.set(part, length);
      length += part.byteLength;
    }
    await reader?.cancel();
    return out.slice(0, length);
  } catch (thrown) {
    const said = thrown instanceof Error ? thrown.message : 'the connection broke off';
    throw new Stopped(
      `The part would not be unpacked: ${said}. A host that compresses files (Content-Encoding) cannot send parts of them.`,
      'Turn compression off for slides: they are compressed already.',
    );
  }
}

/** Compressed on the way: then a part of the file is not a part of the slide. */
function encodingOf(response: Response, part: Uint8Array, size: number | undefined): string {
  const named = response.headers.get('Content-Encoding'); // hidden from other origins unless exposed
  const told = announced(response);
  const expected = size === undefined ? undefined : Math.min(size, FIRST_BYTES);
  const differs = response.status === 206 && expected !== undefined && part.byteLength !== expected;
  const packed = named !== null && named !== 'identity';
  if (!packed && !differs && (told === undefined || response.status !== 206 || told === part.byteLength)) return 'yes';
  throw new Stopped(
    packed
      ? `No. The host compresses the file on its way (Content-Encoding: ${named}), so its parts are parts of something else.`
      : `No. ${told ?? expected ?? 'Other'} bytes were announced and ${part.byteLength} came: the host, or something between, changes them.`,
    'Turn compression off for slides: they are compressed already.',
  );
}

function typeOf(response: Response, part: Uint8Array<ArrayBuffer>, { apart }: Probe): string {
  const type = response.headers.get('Content-Type')?.split(';')[0]?.trim() ?? '';
  const start = whatStarts(part);
  if (/^text\/html|xhtml/i.test(type) && start === 'an HTML page') {
    throw new Stopped(
      `It calls the file ${type}, and a web page is what it sends: a login, a listing, or a page that says the file is gone.`,
      apart === 'DICOMweb'
        ? 'It may be the address of a viewer. Use that of its DICOMweb service, which ends in /studies/…/series/… as well.'
        : 'Open the address in a tab of its own, then copy the address of the file itself, as its download link has it.',
    );
  }
  return type === '' ? 'no type said, which does not matter' : type;
}

const LFS = 'version https://git-lfs';

async function contentOf(
  url: string,
  part: Uint8Array<ArrayBuffer>,
  { apart }: Probe,
  { open }: Surroundings,
  waits: Waits,
): Promise<string> {
  if (new TextDecoder().decode(part.subarray(0, LFS.length)) === LFS) {
    throw new Stopped(
      'It is a pointer of Git LFS, not the file: the repository keeps the file elsewhere.',
      'Use the file’s own download address, or put it into a release or a bucket.',
    );
  }
  try {
    using slide = await open(url, waits);
    const [level] = slide.levels;
    const said = `${slide.format}, ${level?.widthPx ?? 0} × ${level?.heightPx ?? 0} px`;
    if (apart || APART.has(slide.format)) await expectTile(slide, said, waits);
    return said;
  } catch (thrown) {
    waits.signal.throwIfAborted();
    if (thrown instanceof Stopped) throw thrown;
    const failure = failureOf(thrown);
    const todo =
      failure.tag === 'UnsupportedSlide' ? failure.todo : 'Compare its size with the original’s, or try another.';
    throw new Stopped(
      thrown instanceof EosinError ? describe(failure) : `It would not open: ${describe(failure)}`,
      todo,
    );
  }
}

const APART = new Set(['Deep Zoom', 'IIIF']); // told by what the file says, not by its address

/** Tiles that are files of their own may fail where the description came: one of the smallest level is read. */
async function expectTile(slide: Slide, said: string, waits: Waits): Promise<void> {
  try {
    release(await slide.readTile({ level: slide.levels.length - 1, col: 0, row: 0 }, waits));
  } catch (thrown) {
    waits.signal.throwIfAborted();
    const seen = `It opens (${said}), but its tiles do not come: ${describe(failureOf(thrown))}`;
    if (failureOf(thrown).tag !== 'Unreachable')
      throw new Stopped(seen, 'See that all of its tiles lie where the description expects them.');
    const todo =
      'Let the host send Access-Control-Allow-Origin with every tile and, if it is asked beforehand (OPTIONS), allow the header Accept.';
    throw new Stopped(seen, todo, 'cors');
  }
}

const nothing = (waits: Waits) => (): undefined => {
  waits.signal.throwIfAborted();
};

const announced = ({ headers }: Response): number | undefined => numberOf(headers.get('Content-Length'));
const totalOf = ({ headers }: Response): number | undefined =>
  numberOf(headers.get('Content-Range')?.split('/')[1] ?? null);

function numberOf(text: string | null): number | undefined {
  const value = Number(text ?? Number.NaN);
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
