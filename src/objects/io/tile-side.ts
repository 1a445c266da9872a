/** Of the tiles of images that are written, px: strips of them come from elsewhere, which need not load the writer. */
export const TILE = 512;
