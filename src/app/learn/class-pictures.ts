// Pictures in folders named by their classes: labelled all at once, and learnt from beside the labels on the slide. They
// outlive the slide, as far as the tab; labels on it stay its own.
import type { FeatureSet } from '#analysis/feature-set.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { LoadedModel } from '#inference/model.ts';
import type { Features } from '#learn/features.ts';
import type { ClassPicturesSummary } from '../stores/learn-store.ts';
import { embedPictures, type PicturesAsked } from './embed-pictures.ts';
import { type PathedFile, pictureFolders } from './picture-folders.ts';

interface Kept {
  readonly features: FeatureSet;
  readonly classes: readonly string[]; // [rows]
}

/** A block of their features, and the name of each one's class. */
export interface LabelledPictures {
  readonly features: Features;
  readonly classes: readonly string[]; // [rows]
}

export class ClassPictures {
  readonly #kept = new Map<string, Kept>(); // by encoder

  /**
   * In the place of those that this encoder had.
   * @throws EosinError BadInput where no folder holds pictures, or fewer than two classes; what embedding throws
   */
  async take(
    files: readonly PathedFile[],
    encoder: LoadedModel,
    asked: Pick<PicturesAsked, 'read'> & { readonly onProgress: (share: number) => void },
    waits: Waits,
  ): Promise<ClassPicturesSummary> {
    const { folders, refused } = pictureFolders(files);
    const named = folders.filter(({ name }) => name !== '');
    if (new Set(named.map(({ name }) => name)).size < 2) {
      const seen = named.length === 0 ? 'it holds no pictures in sub-folders' : `it holds one class, ${named[0]?.name}`;
      const todo = 'Choose a folder whose sub-folders are the classes, with pictures in each.';
      throw new EosinError({ tag: 'BadInput', what: 'The folder', seen, todo });
    }
    const all = named.flatMap(({ name, files: of }) => of.map((file) => ({ name, file })));
    const onDone = (done: number): void => asked.onProgress(done / all.length);
    const given = { files: all.map(({ file }) => file), encoder, read: asked.read, onDone };
    const { features, rows } = await embedPictures(given, waits);
    const classes = all.flatMap(({ name }, k) => (rows[k] === -1 ? [] : [name]));
    this.#kept.set(encoder.manifest.id, { features, classes });
    const counts = [...new Set(classes)].map((name) => ({ name, count: classes.filter((one) => one === name).length }));
    const failed = all.length - classes.length;
    return { encoder: encoder.manifest.id, pictures: classes.length, classes: counts, refused: refused + failed };
  }

  /** Undefined where this encoder has seen none. */
  of(encoder: string, block: string): LabelledPictures | undefined {
    const kept = this.#kept.get(encoder);
    if (!kept) return undefined;
    const { features, classes } = kept;
    return {
      features: { values: features.values(block), rows: features.rows, cols: features.channels(block) },
      classes,
    };
  }

  forget(encoder: string): void {
    this.#kept.delete(encoder);
  }
}
