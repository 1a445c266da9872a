import { expect, test } from 'vitest';
import { mustBeReadable } from './readable-address.ts';

test.each([
  'https://host/a.svs',
  'HTTP://host/a.svs',
  'slides/a.svs',
  '/a:b.svs',
  'blob:https://host/1',
  'data:,x',
  'a b:c',
])('%s can be read', (address) => expect(() => mustBeReadable(address)).not.toThrow());

test.each([
  ['phantom:x', /^The address: phantom:x cannot be read by a page\. A sample is phantom: and a whole number/],
  ['phantom:1234567890', /up to nine digits/],
  ['file:///home/a.svs', /Drop the file on the page/],
  ['ftp://host/a.svs', /Give its http or https address/],
  ['localhost:8080/a.svs', /Give its http or https address/],
])('%s is told', (address, said) => expect(() => mustBeReadable(address)).toThrow(said));
