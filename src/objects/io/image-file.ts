// An OME-TIFF on its way into a file: strips of values, or objects drawn as labels.
import type { ObjectColumns } from '../columns.ts';
import { FileSink } from './file-sink.ts';
import { LabelStrip } from './label-strip.ts';
import { type OmeImage, omeXml } from './ome-xml.ts';
import { type Samples, TiffWriter } from './tiff-writer.ts';
import { TILE } from './tile-side.ts';

export class ImageFile {
  readonly #image: OmeImage;
  readonly #tiff: TiffWriter;
  readonly #sink = new FileSink('image/tiff');

  constructor(image: OmeImage) {
    this.#image = image;
    const { width, height, type, umPerPx } = image;
    this.#tiff = new TiffWriter({
      width,
      height,
      type,
      umPerPx,
      channels: image.channels.length,
      description: omeXml(image),
    });
  }

  /** Strips of TILE rows come from the top, channel by channel. */
  async strip(channel: number, values: Samples): Promise<void> {
    for (const bytes of this.#tiff.strip(channel, values)) await this.#sink.write(bytes);
  }

  /** @param px level-0 pixels a pixel is wide */
  async labels(strip: number, objects: ObjectColumns, labels: Uint32Array, px: number): Promise<void> {
    const { width, height } = this.#image;
    const rows = Math.min(TILE, height - strip * TILE);
    const covered = new LabelStrip(objects, labels, { width, top: strip * TILE, rows, px });
    for (let col = 0; col * TILE < width; col++) {
      const bytes = this.#tiff.tile(0, (tile) => covered.draw(col, tile));
      if (bytes) await this.#sink.write(bytes);
    }
  }

  async end(): Promise<Blob> {
    const { header, directories } = this.#tiff.ends();
    const tiles = await this.#sink.end();
    return new Blob([header, tiles, directories], { type: 'image/tiff' });
  }

  leave(): void {
    this.#sink.leave();
  }
}
