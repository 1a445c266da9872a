// The little that Eosin needs of OME-XML: the attributes of the first Pixels element.
import type { MppXY } from '#units/units.ts';
import { plausibleMpp } from './tiff-slide.ts';

export const isOmeXml = (description: string): boolean =>
  description.slice(0, 4096).includes('<OME') && description.includes('Pixels');

const UM_PER: Readonly<Record<string, number>> = {
  m: 1e6,
  dm: 1e5,
  cm: 1e4,
  mm: 1e3,
  µm: 1, // U+00B5, as the schema has it
  μm: 1, // U+03BC, as some writers have it
  um: 1,
  nm: 1e-3,
  pm: 1e-6,
  Å: 1e-4,
  in: 25_400,
};

/** The physical pixel size; undefined where there is none, or its unit is no length ("pixel", "reference frame"). */
export function omeMpp(pixels: ReadonlyMap<string, string>): MppXY | undefined {
  const size = (axis: 'X' | 'Y'): number =>
    Number(pixels.get(`PhysicalSize${axis}`)) * (UM_PER[pixels.get(`PhysicalSize${axis}Unit`) ?? 'µm'] ?? Number.NaN);
  return plausibleMpp(size('X'), size('Y'));
}

/** Name and value of each attribute of the first element called `element`, whatever its namespace prefix. */
export function attributesOf(xml: string, element: string): Map<string, string> {
  const attributes = new Map<string, string>();
  let at = startOf(xml, element);
  if (at < 0) return attributes;
  while (at < xml.length) {
    while (isSpace(xml[at])) at++;
    if (xml[at] === '>' || xml[at] === '/') break;
    const equals = xml.indexOf('=', at);
    if (equals < 0) break;
    let open = equals + 1;
    while (isSpace(xml[open])) open++;
    const quote = xml[open];
    if (quote !== '"' && quote !== "'") break;
    const close = xml.indexOf(quote, open + 1);
    if (close < 0) break;
    attributes.set(xml.slice(at, equals).trim(), unescaped(xml.slice(open + 1, close)));
    at = close + 1;
  }
  return attributes;
}

/** Where the attributes of the first such start tag begin; -1 where there is none. */
function startOf(xml: string, element: string): number {
  for (let at = xml.indexOf(element); at >= 0; at = xml.indexOf(element, at + 1)) {
    const open = xml.lastIndexOf('<', at);
    const prefix = xml.slice(open + 1, at);
    const isTag = open >= 0 && (prefix === '' || (prefix.endsWith(':') && !prefix.includes(' ')));
    if (isTag && isSpace(xml[at + element.length])) return at + element.length;
  }
  return -1;
}

const isSpace = (char: string | undefined): boolean => char === ' ' || char === '\n' || char === '\r' || char === '\t';

const ENTITIES = [
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&apos;', "'"],
  ['&#181;', 'µ'],
  ['&#xB5;', 'µ'],
  ['&#xb5;', 'µ'],
  ['&amp;', '&'], // last, so that nothing is unescaped twice
] as const;

const unescaped = (text: string): string =>
  ENTITIES.reduce((out, [entity, char]) => out.replaceAll(entity, char), text);
