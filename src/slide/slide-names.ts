// What slides are called. Names alone: what a file is, is read from it.

/** Of slides that are one file each. */
const ONE_FILE = /\.(svs|tiff?|btf|tf[28]|ndpi|scn|bif|qptiff)$/i;
const PICTURE = /\.(png|jpe?g|webp)$/i;
const UNREAD_PICTURE = /\.jp2$/i;
const WITH_OTHERS = /\.(dzi|mrxs)$|(^|\/)ImageProperties\.xml$/i; // beside their tiles; the last is Zoomify's
const UNREAD = /\.(vsi|czi|i2?syntax|vm[su]|svslide|lif|nd2|kfb|sdpc|tmap|mdsx?)$/i;
const HIDDEN = /(^|\/)\._/; // what macOS leaves beside each file of a disk that is not its own
const PARTS = /(^|\/)([^/]*_files|TileGroup\d+)\//; // tiles of Deep Zoom and Zoomify pictures

const isOf = (path: string): boolean => !HIDDEN.test(path) && !PARTS.test(path);

export const isHidden = (path: string): boolean => HIDDEN.test(path);
export const isNamedDicom = (path: string): boolean => /\.(dcm|dicom)$/i.test(path);

/** A scanner's slide. */
export const isNamedSlide = (path: string): boolean =>
  isOf(path) && [ONE_FILE, WITH_OTHERS, UNREAD].some((names) => names.test(path));

export const isNamedPicture = (path: string): boolean =>
  isOf(path) && [PICTURE, UNREAD_PICTURE].some((names) => names.test(path));

/** A slide, or a picture, that is one file. */
export const isNamedOneFile = (path: string): boolean =>
  isOf(path) && [ONE_FILE, PICTURE].some((names) => names.test(path));

/** Part of a slide that needs other files. */
export const isNamedWithOthers = (path: string): boolean =>
  isOf(path) && (WITH_OTHERS.test(path) || isNamedDicom(path));
