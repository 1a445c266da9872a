// XML of slides' headers as a plain tree. Entities of a document's own are not expanded: such documents are refused.
import { XMLParser } from 'fast-xml-parser';

export interface XmlElement {
  readonly name: string; // without its namespace's prefix
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly text: string; // of its own, trimmed
}

const MOST_DEPTH = 64;
const MOST_WORK = 8e6; // letters, which are read in a second. As many of them take as long as
const TAG_IN_LETTERS = 24; //      a tag
const ATTRIBUTE_IN_LETTERS = 64; // an attribute

/** @throws Error when it is no XML, too long, nests too deep, or declares entities */
export function parseXml(xml: string): XmlElement {
  const work = xml.length + countOf(xml, '<') * TAG_IN_LETTERS + countOf(xml, '=') * ATTRIBUTE_IN_LETTERS;
  if (work > MOST_WORK) throw new Error(`its header is ${xml.length} letters of XML, too much to be read`);
  const start = xml.indexOf('<');
  if (start < 0) throw new Error('its header is no XML');
  if (/<!(DOCTYPE|ENTITY)/i.test(xml)) throw new Error('its header declares XML entities');
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    removeNSPrefix: true,
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: true,
    ignoreDeclaration: true,
    ignorePiTags: true,
    maxNestedTags: MOST_DEPTH,
    htmlEntities: true,
  });
  const parsed: unknown = parser.parse(xml.slice(start));
  const [root] = childrenOf(parsed, 0).children;
  if (!root) throw new Error('its header is no XML');
  return root;
}

function countOf(text: string, letter: string): number {
  let count = 0;
  for (let at = text.indexOf(letter); at >= 0; at = text.indexOf(letter, at + 1)) count++;
  return count;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** The parser's own form is a list of objects with one key, the tag's name, and ":@" for the attributes. */
function childrenOf(nodes: unknown, depth: number): Pick<XmlElement, 'children' | 'text'> {
  const children: XmlElement[] = [];
  let text = '';
  for (const node of Array.isArray(nodes) && depth <= MOST_DEPTH ? nodes : []) {
    if (!isRecord(node)) continue;
    for (const [name, value] of Object.entries(node)) {
      if (name === '#text') text += String(value);
      else if (name !== ':@') {
        children.push({ name, attributes: attributesOf(node[':@']), ...childrenOf(value, depth + 1) });
      }
    }
  }
  return { children, text };
}

const attributesOf = (value: unknown): Map<string, string> =>
  new Map(isRecord(value) ? Object.entries(value).map(([name, text]) => [name, String(text)]) : []);

export const named = (element: XmlElement | undefined, name: string): XmlElement[] =>
  element?.children.filter((child) => child.name === name) ?? [];

export const firstNamed = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  element?.children.find((child) => child.name === name);

/** All elements of that name below, in the document's order. */
export function* everyNamed(element: XmlElement | undefined, name: string): Generator<XmlElement> {
  for (const child of element?.children ?? []) {
    if (child.name === name) yield child;
    yield* everyNamed(child, name);
  }
}

/** A number of an attribute; NaN where it is absent or none. */
export const numberOf = (element: XmlElement | undefined, attribute: string): number => {
  const text = element?.attributes.get(attribute);
  return text === undefined || text.trim() === '' ? Number.NaN : Number(text);
};
