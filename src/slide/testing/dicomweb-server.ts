// A small DICOMweb server (WADO-RS, and the one search that studies need), in the manners of those that are met.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Model, type StoredInstance, storedInstance } from './dicom-files.ts';

/**
 * 'standard' as PS3.18 has it: compressed frames by their own media type, with quotes. 'any-syntax': octet-stream with
 * transfer-syntax=* and nothing else (Azure). 'picky': no lists, no quotes understood (Orthanc of old). 'plain': one
 * picture an answer, without parts, whatever is accepted; no lists (archives of files). 'obliging': sends what is stored when
 * any syntax will do, and packs anew, with loss, when JPEG is asked for (Orthanc 1.10 with its DICOMweb plugin 1.7).
 */
export type Manners = 'standard' | 'any-syntax' | 'picky' | 'plain' | 'obliging';

export interface AskedWeb {
  readonly path: string;
  readonly accept: string;
  readonly headers: IncomingMessage['headers'];
}

export interface DicomWebServer extends AsyncDisposable {
  readonly origin: string;
  readonly root: string; //   ends with a slash
  readonly series: string; // the address of the first file's
  readonly study: string;
  readonly instances: readonly StoredInstance[];
  readonly asked: AskedWeb[];
}

export interface Behaviour {
  readonly manners?: Manners;
  /** Leaves out how instances are stored. */
  readonly syntaxUnsaid?: boolean;
  readonly prefix?: string;
  /** What the server says of an instance, changed. */
  readonly model?: (model: Model, instance: StoredInstance, root: string) => Model;
  /** Answers itself, and says so with true. */
  readonly instead?: ((path: string, response: ServerResponse, server: DicomWebServer) => boolean) | undefined;
}

const MEDIA: Readonly<Record<string, string>> = {
  '1.2.840.10008.1.2.1': 'application/octet-stream',
  '1.2.840.10008.1.2.4.50': 'image/jpeg',
  '1.2.840.10008.1.2.5': 'image/dicom-rle',
  '1.2.840.10008.1.2.4.90': 'image/jp2',
};

/** Parts with their boundary, as PS3.18 (8.6) and RFC 2046 ask for. */
export function multipart(
  parts: readonly { type: string; bytes: Uint8Array; location?: string }[],
  boundary = 'eosin-7f3a',
): Buffer {
  const lines = parts.flatMap(({ type, bytes, location }) => [
    Buffer.from(`\r\n--${boundary}\r\nContent-Type: ${type}\r\n`),
    Buffer.from(location === undefined ? '\r\n' : `Content-Location: ${location}\r\n\r\n`),
    bytes,
  ]);
  return Buffer.concat([...lines, Buffer.from(`\r\n--${boundary}--\r\n`)]).subarray(2);
}

/** What a server makes of a frame that is asked for as JPEG, whatever it is of. */
const ANEW = readFileSync(new URL('./fixtures/ycbcr-420.jpg', import.meta.url));

function accepted(accept: string, { syntax }: StoredInstance, manners: Manners): boolean {
  const media = MEDIA[syntax];
  const [, type = '', asked = ''] = /type="?([^";]+)"?; transfer-syntax=(\S+)/.exec(accept) ?? [];
  const quoted = accept.includes('"');
  if (manners === 'plain') return true;
  if (manners === 'obliging') return asked === '*' || (type === media && asked === syntax);
  if (manners === 'any-syntax') return quoted && type === 'application/octet-stream' && asked === '*';
  if (manners === 'picky') return !quoted && type === media && asked === syntax;
  return accept === '*/*' || (quoted && type === media && (asked === syntax || asked === '*'));
}

export async function serveDicomWeb(files: readonly Uint8Array[], behaviour: Behaviour = {}): Promise<DicomWebServer> {
  const { manners = 'standard', prefix = 'dicom-web/', syntaxUnsaid = false } = behaviour;
  const instances = files.map(storedInstance);
  const asked: AskedWeb[] = [];
  const modelOf = (instance: StoredInstance): Model => {
    const said: Model = syntaxUnsaid ? {} : { '00083002': { vr: 'UI', Value: [instance.syntax] } };
    const model = { ...instance.model, ...said };
    return behaviour.model?.(model, instance, server.root) ?? model;
  };
  const json = (response: ServerResponse, models: readonly Model[]): void => {
    response.writeHead(200, { 'Content-Type': 'application/dicom+json' }).end(JSON.stringify(models));
  };
  const frames = (response: ServerResponse, instance: StoredInstance, list: string, accept: string): void => {
    const wanted = list.split(',').map((number) => instance.frames[Number(number) - 1]);
    const one = manners === 'picky' || manners === 'plain';
    if (one && wanted.length > 1) return void response.writeHead(manners === 'plain' ? 404 : 400).end();
    if (manners === 'obliging' && /image\/jpeg/.test(accept)) {
      return void response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(ANEW);
    }
    if (!accepted(accept, instance, manners)) return void response.writeHead(manners === 'picky' ? 400 : 406).end();
    const found = wanted.filter((frame) => frame !== undefined);
    if (found.length < wanted.length) return void response.writeHead(404).end();
    const numbers = list.split(',');
    const at = (i: number): string => `/instances/${instance.uid}/frames/${numbers[i]}`;
    const media = MEDIA[instance.syntax] ?? 'application/octet-stream';
    const [first = new Uint8Array(0)] = found;
    if (manners === 'plain') return void response.writeHead(200, { 'Content-Type': media }).end(first);
    const type = `${media}; transfer-syntax=${instance.syntax}`;
    const announced = manners === 'obliging' ? type : media;
    const located = manners === 'standard' || manners === 'obliging';
    response
      .writeHead(200, { 'Content-Type': `multipart/related; type="${announced}"; boundary=eosin-7f3a` })
      .end(multipart(found.map((bytes, i) => ({ type, bytes, ...(located && { location: at(i) }) }))));
  };
  const http = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const path = pathname.slice(1).startsWith(prefix) ? pathname.slice(1 + prefix.length) : '';
    const accept = request.headers.accept ?? '';
    asked.push({
      path: `${path}${new URL(request.url ?? '/', 'http://localhost').search}`,
      accept,
      headers: request.headers,
    });
    if (behaviour.instead?.(path, response, server)) return;
    const [, study, search] = /^studies\/([\d.]+)\/(series|metadata)$/.exec(path) ?? [];
    if (study !== undefined) {
      const inStudy = instances.filter((each) => each.study === study);
      if (search === 'metadata') return json(response, inStudy.map(modelOf));
      const modality = searchParams.get('Modality');
      const seen = new Map(
        inStudy
          .filter(({ model }) => modality === null || model['00080060']?.Value?.[0] === modality)
          .map((each) => [
            each.series,
            { '0020000E': { vr: 'UI', Value: [each.series] }, '00080060': each.model['00080060'] ?? { vr: 'CS' } },
          ]),
      );
      return json(response, [...seen.values()]);
    }
    const [, series, uid, rest = ''] =
      /series\/([\d.]+)(?:\/instances\/([\d.]+))?\/(metadata|frames\/[\d,]+)$/.exec(path) ?? [];
    const chosen = instances.filter((each) => each.series === series && (uid === undefined || each.uid === uid));
    const [instance] = chosen;
    if (!instance) return void response.writeHead(404).end();
    if (rest === 'metadata') return json(response, chosen.map(modelOf));
    return frames(response, instance, rest.slice('frames/'.length), accept);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  if (typeof address !== 'object' || !address) throw new Error('The server has no port');
  const origin = `http://127.0.0.1:${address.port}`;
  const root = `${origin}/${prefix}`;
  const [first] = instances;
  const server: DicomWebServer = {
    origin,
    root,
    series: `${root}studies/${first?.study}/series/${first?.series}`,
    study: `${root}studies/${first?.study}`,
    instances,
    asked,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}
