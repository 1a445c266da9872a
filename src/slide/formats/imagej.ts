// TIFFs of ImageJ and Fiji: a picture of several channels, depths and times, a page each. Of a large one there is a directory
// for the first page alone, and the others' pixels follow.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { channelOf, channelProperties, channelsOf, shownOf } from '../grey.ts';
import type { Reading } from '../page-tile.ts';
import { MOST_PLANES, middleOf, planeNames, planeProperties, planesOf } from '../planes.ts';
import { COMPRESSION, isColour, type Page, readPage, whyUnreadable } from '../tiff-page.ts';
import type { SeenTiff, SlideFormat } from './format.ts';
import { UM_PER } from './ome.ts';
import { pyramidTiff } from './pyramid-tiff.ts';
import { mppOfResolution, plausibleMpp, resolutionOf, tiffProperties, tiffSlide } from './tiff-slide.ts';

export const imagej: SlideFormat = {
  name: 'ImageJ TIFF',
  matches: ({ tiff }) => tiff?.first.description.startsWith('ImageJ=') ?? false,
  async open(seen, reading, waits) {
    const { tiff } = seen;
    if (!tiff) throw new EosinError({ tag: 'Unexpected', reason: 'A TIFF was expected.' });
    const { first } = tiff;
    const told = toldIn(first.description);
    const inPage = !isColour(first) && first.samples > 1;
    if (inPage || whyUnreadable(first) !== undefined) return pyramidTiff.open(seen, reading, waits);
    const held = await heldBy(tiff, reading, waits);
    const { channels: c, slices: z, frames: t } = sizesOf(told, held);
    // Channel by channel, then depth by depth, then time by time; the first time is shown.
    const step = first.samples > 1 ? 1 : c; // one in colours holds its channels in each page
    const depths = Math.max(1, Math.min(z, Math.ceil(held / step)));
    const um = Number(told.get('spacing')) * umOf(told.get('unit'));
    const planes = planesOf(
      reading,
      planeNames(depths, (plane) => plane * um),
      middleOf(depths),
    );
    const before = (planes?.shown ?? 0) * step;
    const count = Math.min(step, held - before);
    const names = Array.from({ length: count }, (_, i) => `Channel ${i + 1}`);
    const channel = channelOf(reading, count);
    const page = await pageAt(before + channel, tiff, reading, waits);
    const shown = await shownOf([page], 0, reading, waits);
    const mpp = (await mppIn(first, told, waits)) ?? (await mppOfResolution(first.directory, waits));
    const properties: Record<string, string> = {
      ...(await tiffProperties(first.directory, waits)),
      ...channelProperties(count > 1 ? names : [], channel),
      ...planeProperties(planes),
    };
    if (t > 1) properties['eosin.times'] = String(t);
    if (mpp) {
      properties['openslide.mpp-x'] = String(mpp.x);
      properties['openslide.mpp-y'] = String(mpp.y);
    }
    const channels = channelsOf(names, channel, shown.range);
    const facts = { format: imagej.name, vendor: undefined, mpp, objective: undefined, properties, channels, planes };
    return tiffSlide({ levels: [{ page, absent: 'glass', shown }], facts }, reading, waits);
  },
};

type Told = ReadonlyMap<string, string>;

/** A name and a value a line. */
const toldIn = (description: string): Told =>
  new Map(
    description.split('\n', 256).map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1).trim()];
    }),
  );

/** ImageJ leaves out what is 1; of a stack that is no more than that it says the number of its images alone. */
function sizesOf(told: Told, held: number): { channels: number; slices: number; frames: number } {
  const count = (name: string): number => {
    const value = Number(told.get(name) ?? 1);
    return Number.isInteger(value) && value > 0 ? value : 1;
  };
  const sizes = { channels: count('channels'), slices: count('slices'), frames: count('frames') };
  const isPlain = sizes.channels * sizes.slices * sizes.frames === 1;
  return {
    channels: Math.min(sizes.channels, held, MOST_CHANNELS),
    slices: isPlain ? Math.min(held, count('images')) : sizes.slices,
    frames: sizes.frames,
  };
}

const MOST_CHANNELS = 1024;

/** µm; NaN for what is no length. A sign beyond ASCII is written as its code. */
function umOf(unit = ''): number {
  const name = unit.replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return UM_PER[/^micro(n|meter|metre)s?$/i.test(name) ? 'µm' : /^inch(es)?$/i.test(name) ? 'in' : name] ?? Number.NaN;
}

async function mppIn(first: Page, told: Told, waits: Waits): Promise<ReturnType<typeof plausibleMpp>> {
  const { x, y } = await resolutionOf(first.directory, waits);
  const um = umOf(told.get('unit'));
  return plausibleMpp(um / (x ?? 0), um / (y ?? x ?? 0));
}

const imageBytes = ({ width, height, samples, depth }: Page): number => (width * height * samples * depth) / 8;

/** How many images are in the file: those with a directory, and those that follow without. */
async function heldBy({ chain, first }: SeenTiff, { source }: Reading, waits: Waits): Promise<number> {
  const isAlone = chain.length === 1 && first.compression === COMPRESSION.none && !first.tiled && !first.planar;
  if (!isAlone || first.depth % 8 !== 0) return chain.length;
  let end = await first.offsets.at(0, waits);
  const from = end;
  const strip = imageBytes({ ...first, height: first.tileHeight });
  for (let i = 1; i < Math.min(first.rows, MOST_STRIPS); i++) {
    end += strip;
    if ((await first.offsets.at(i, waits)) !== end) return 1; // its own strips do not follow each other
  }
  if (first.rows > MOST_STRIPS) return 1;
  const whole = Math.floor((source.size - from) / imageBytes(first));
  return Math.max(1, Math.min(whole, MOST_PLANES * MOST_CHANNELS));
}

const MOST_STRIPS = 65_536;

async function pageAt(index: number, { chain, first }: SeenTiff, { source }: Reading, waits: Waits): Promise<Page> {
  if (index === 0) return first;
  const directory = chain[index];
  if (directory) return readPage(source, directory, waits);
  const before = index * imageBytes(first);
  const { height, tileHeight } = first;
  return {
    ...first,
    identity: `${first.identity}+${index}`,
    offsets: { length: first.rows, at: async (i, during) => (await first.offsets.at(i, during)) + before },
    byteCounts: {
      length: first.rows,
      at: async (i) => imageBytes({ ...first, height: Math.min(tileHeight, height - i * tileHeight) }),
    },
  };
}
