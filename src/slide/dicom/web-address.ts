// Addresses of DICOMweb (WADO-RS): told by their path, since the server is asked for parts of it and never for itself.

export interface WebAddress {
  readonly of: 'study' | 'series' | 'instance';
  readonly url: string; //   without a slash or a query at its end
  readonly query: string; // with its question mark, for every request (keys, signatures); or empty
}

const PATH = /\/(studies|series|instances)\/\d+(?:\.\d+)+$/;
const KINDS: Readonly<Record<string, WebAddress['of']>> = {
  studies: 'study',
  series: 'series',
  instances: 'instance',
};

/** Undefined for all other addresses. What comes before the path may be anything: services lie behind proxies. */
export function webAddressOf(given: string): WebAddress | undefined {
  const [bare = given] = given.split('#', 1);
  const [stem = bare] = bare.split('?', 1);
  const url = stem.replace(/\/+$/, '').replace(/\/metadata$/, '');
  const of = KINDS[PATH.exec(url)?.[1] ?? ''];
  return of && { of, url, query: bare.slice(stem.length) };
}

/** An address below, with the query of the one above. */
export const below = ({ url, query }: WebAddress, path: string, more = ''): string =>
  `${url}/${path}${more === '' ? query : `${query === '' ? '?' : `${query}&`}${more}`}`;
