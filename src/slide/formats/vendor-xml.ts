// XML in the tags of a maker's TIFF.
import { EosinError } from '#errors/failure.ts';
import type { Reading } from '../page-tile.ts';
import { parseXml, type XmlElement } from '../xml.ts';

/** The root element. @throws EosinError CorruptSlide */
export function xmlOf(text: string, { source: { name } }: Reading): XmlElement {
  try {
    return parseXml(text);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : 'its header is no XML';
    throw new EosinError({ tag: 'CorruptSlide', name, reason }, { cause: thrown });
  }
}
