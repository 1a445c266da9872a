import { expect, test } from 'vitest';
import { everyNamed, firstNamed, numberOf, parseXml } from './xml.ts';

test('elements, attributes, text, without prefixes; entities that every XML has', () => {
  const root = parseXml(
    '<?xml version="1.0"?><!-- a --><o:A xmlns:o="x" n="1.5" s="&quot;µ&#181;&lt;"><o:B>t &amp; u</o:B><C/><B/></o:A>',
  );
  expect(root.name).toBe('A');
  expect(numberOf(root, 'n')).toBe(1.5);
  expect(numberOf(root, 's')).toBeNaN();
  expect(root.attributes.get('s')).toBe('"µµ<');
  expect(firstNamed(root, 'B')?.text).toBe('t & u');
  expect([...everyNamed(root, 'B')]).toHaveLength(2);
});

test('what is no XML, declares entities, or nests without end is refused', () => {
  expect(() => parseXml('plain text')).toThrow('no XML');
  expect(() => parseXml('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')).toThrow('entities');
  expect(() => parseXml('<a>'.repeat(100_000))).toThrow();
  expect(() => parseXml('<a __proto__="1"/>')).toThrow();
  expect(() => parseXml('<a><__proto__ x="1"/></a>')).toThrow();
  expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
});
