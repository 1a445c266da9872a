// What the user lassoed out of the slide, piece by piece. Patches that are embedded later are left out by the same lines.
import { boxesInside } from '#analysis/attention.ts';
import type { LeftOutPiece } from '../stores/attention-store.ts';

export class LeftOutTissue {
  #pieces: { readonly id: number; readonly ring: Float64Array }[] = [];
  #lastId = 0;

  get empty(): boolean {
    return this.#pieces.length === 0;
  }

  /** @param ring x, y pairs, level-0 px, not closed */
  add(ring: Float64Array): void {
    this.#pieces.push({ id: ++this.#lastId, ring });
  }

  /** One piece, or all. */
  putBack(id?: number): void {
    this.#pieces = id === undefined ? [] : this.#pieces.filter((piece) => piece.id !== id);
  }

  rings(): Float64Array[] {
    return this.#pieces.map(({ ring }) => ring);
  }

  /** @param boxes [rows × 4], level-0 px. The mask is undefined where no row is left out. */
  over(boxes: Float32Array): { mask: Uint8Array<ArrayBuffer> | undefined; pieces: LeftOutPiece[] } {
    const mask = new Uint8Array(boxes.length / 4);
    let any = false;
    const pieces = this.#pieces.map(({ id, ring }) => {
      let patches = 0;
      for (const [row, inside] of boxesInside(boxes, ring).entries()) {
        if (inside === 0 || mask[row] === 1) continue;
        mask[row] = 1;
        patches++;
      }
      any ||= patches > 0;
      return { id, patches };
    });
    return { mask: any ? mask : undefined, pieces };
  }
}
