// Files of pictures through an encoder, one row each, opened one after the other: a folder may hold thousands.
import { embedPicture } from '#analysis/embed.ts';
import { FeatureSet } from '#analysis/feature-set.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError, failureOf } from '#errors/failure.ts';
import type { LoadedModel } from '#inference/model.ts';
import { levelOf, type Slide } from '#slide/slide.ts';

export interface PicturesAsked {
  readonly files: readonly File[];
  readonly encoder: LoadedModel; // lent
  readonly read: (from: Blob, waits: Waits) => Promise<{ readonly slide: Slide }>;
  readonly onDone: (done: number) => void;
}

export interface EmbeddedPictures {
  readonly features: FeatureSet; // pictures lie side by side, so that no two have the same place
  readonly rows: readonly number[]; // of each file; -1 for one that could not be read
}

/** @throws EosinError BadInput where none could be read; what the encoder throws; the signal's reason */
export async function embedPictures(
  { files, encoder, read, onDone }: PicturesAsked,
  waits: Waits,
): Promise<EmbeddedPictures> {
  const features = new FeatureSet(encoder.manifest);
  const rows: number[] = [];
  let [x, why] = [0, ''];
  for (const [k, file] of files.entries()) {
    rows.push(-1);
    const opened = await read(file, waits).catch((thrown: unknown) => {
      waits.signal.throwIfAborted();
      why = thrown instanceof EosinError ? thrown.message : String(thrown);
      return undefined;
    });
    if (opened) {
      const { slide } = opened;
      try {
        checkSize(slide);
        await embedPicture(slide, encoder, features, waits, x);
        x += levelOf(slide, 0).widthPx;
        rows[k] = features.rows - 1;
      } catch (thrown) {
        waits.signal.throwIfAborted();
        if (!OF_THE_PICTURE.has(failureOf(thrown).tag)) throw thrown;
        why = thrown instanceof Error ? thrown.message : String(thrown);
      } finally {
        slide[Symbol.dispose]();
      }
    }
    onDone(k + 1);
  }
  if (features.rows > 0) return { features, rows };
  const seen = files.length === 0 ? 'there are none' : `none of ${files.length} could be read (${why})`;
  throw new EosinError({ tag: 'BadInput', what: 'The pictures', seen, todo: 'Choose PNG, JPEG or TIFF files.' });
}

const MOST_PIXELS = 64e6; // of a picture, which is decoded whole

function checkSize(slide: Slide): void {
  const { widthPx, heightPx } = levelOf(slide, 0);
  if (widthPx * heightPx <= MOST_PIXELS) return;
  const seen = `it is ${widthPx} × ${heightPx} px, a slide rather than a picture`;
  throw new EosinError({ tag: 'BadInput', what: slide.name, seen, todo: 'Open it by itself.' });
}

/** What one picture may do wrong, and the others not. */
const OF_THE_PICTURE = new Set(['CorruptTile', 'CorruptSlide', 'UnsupportedSlide', 'BadInput']);
