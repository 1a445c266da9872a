// Addresses that a page can read at all: what else is typed is told at once, and not taken for a host that does not answer.
import { EosinError } from '#errors/failure.ts';

const READ = ['http', 'https', 'blob', 'data'];

/** @throws EosinError BadInput for an address of another scheme; addresses without one are of this page's host */
export function mustBeReadable(address: string): void {
  const scheme = /^([a-z][\w+.-]+):/i.exec(address)?.[1]?.toLowerCase(); // of one letter: a disk
  if (scheme === undefined || READ.includes(scheme)) return;
  const todo =
    scheme === 'phantom'
      ? 'A sample is phantom: and a whole number of up to nine digits, as in phantom:1.'
      : scheme === 'file'
        ? 'Drop the file on the page, or choose it with Open a slide.'
        : 'Give its http or https address.';
  throw new EosinError({ tag: 'BadInput', what: 'The address', seen: `${address} cannot be read by a page`, todo });
}
