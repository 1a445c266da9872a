// PNG, JPEG and WebP as a slide of one level. The picture is decoded once and its tiles are cut out of it.
import { EosinError, isAbort } from '#errors/failure.ts';
import type { ImageType } from '../decode.ts';
import { fingerprinting } from '../fingerprint.ts';
import { profileInPicture } from '../icc/embedded.ts';
import { frameOf } from '../jpeg.ts';
import { pngSize, type Size, webpSize } from '../picture-size.ts';
import { cutPixels, isPixels, release } from '../raster.ts';
import { type Level, type Slide, untold } from '../slide.ts';
import { tileRect } from '../tile-reader.ts';
import { withVips } from './convert.ts';
import { endsIn, hasText, type SlideFormat } from './format.ts';

const TILE = 512; // pixels
const MAX_PIXELS = 120e6; // 480 MB decoded: about what a tab may take for one picture
const MAX_BYTES = 500e6; // of the file

interface Kind {
  readonly type: ImageType;
  readonly format: string;
  readonly sizeOf: (bytes: Uint8Array<ArrayBuffer>) => Size | undefined;
}

function kindOf(head: Uint8Array<ArrayBuffer>): Kind | undefined {
  if (head[0] === 0x89 && hasText(head, 1, 'PNG\r\n\x1a\n'))
    return { type: 'image/png', format: 'PNG', sizeOf: pngSize };
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff)
    return { type: 'image/jpeg', format: 'JPEG', sizeOf: frameOf };
  if (hasText(head, 0, 'RIFF') && hasText(head, 8, 'WEBP'))
    return { type: 'image/webp', format: 'WebP', sizeOf: webpSize };
  return undefined;
}

/** For tiles that say only by their first bytes what they are. */
export const typeOfImage = (bytes: Uint8Array<ArrayBuffer>): ImageType => kindOf(bytes)?.type ?? 'image/jpeg';

export const picture: SlideFormat = {
  name: 'Picture',
  // A picture named .svs is what is left of a slide, or a wrong file: better said than shown.
  matches: ({ head, name }) => kindOf(head) !== undefined && !endsIn(name, '.svs'),
  async open({ head }, { source, decoders }, waits) {
    const kind = kindOf(head);
    if (!kind) throw new EosinError({ tag: 'Unexpected', reason: 'A picture was expected.' });
    const { name } = source;
    const tooLarge = (what: string): EosinError =>
      new EosinError({
        tag: 'UnsupportedSlide',
        name,
        reason: `one ${kind.format} picture of ${what}`,
        todo: withVips(name),
      });
    const check = (size: Size | undefined): void => {
      if (size && size.width * size.height > MAX_PIXELS) throw tooLarge(`${size.width} × ${size.height} pixels`);
    };
    if (source.size > MAX_BYTES) throw tooLarge(`${source.size} bytes`);
    check(kind.sizeOf(head));
    const bytes = await source.read(0, source.size, waits);
    check(kind.sizeOf(bytes)); // a JPEG may say its size behind a long colour profile
    const whole = await decoders.image(bytes, kind.type, waits).catch((thrown: unknown) => {
      waits.signal.throwIfAborted();
      if (isAbort(thrown)) throw thrown;
      const reason = `the ${kind.format} picture does not decode`;
      throw new EosinError({ tag: 'CorruptSlide', name, reason }, { cause: thrown });
    });
    const level: Level = {
      widthPx: whole.width,
      heightPx: whole.height,
      tileWidth: Math.min(TILE, whole.width),
      tileHeight: Math.min(TILE, whole.height),
      downsample: 1,
    };
    let disposed = false;
    return {
      ...untold,
      name,
      format: kind.format,
      levels: [level],
      mpp: undefined, // what pictures say of dots per inch is no calibration
      colourProfile: await profileInPicture(bytes, kind.type),
      fingerprint: fingerprinting(source),
      async readTile(at, { signal }) {
        signal.throwIfAborted();
        if (disposed) throw new EosinError({ tag: 'UseAfterDispose', label: name });
        if (at.level !== 0) throw new RangeError(`The slide has no level ${at.level}`);
        const area = tileRect(level, at);
        if (isPixels(whole)) return cutPixels(whole, area);
        return createImageBitmap(whole, area.x, area.y, area.width, area.height, { colorSpaceConversion: 'none' });
      },
      [Symbol.dispose]() {
        disposed = true;
        release(whole);
      },
    } satisfies Slide;
  },
};
