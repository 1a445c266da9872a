// Whether files that come together are one slide or several: by their names, before anything is read.

const DICOM = /\.(dcm|dicom)$/i;
const SLIDES = /\.(svs|tiff?|ndpi|scn|bif|qptiff|btf)$/i;
const ZARR = /(^|\/)(\.zattrs|\.zgroup|zarr\.json)$/;
const HIDDEN = /(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini|DICOMDIR)$/i;

/** @param paths of the files, relative to what was dropped or picked */
export function isOneSlide(paths: readonly string[]): boolean {
  const counted = paths.filter((path) => !HIDDEN.test(path));
  if (counted.length < 2) return false;
  if (counted.some((path) => ZARR.test(path))) return counted.filter((path) => SLIDES.test(path)).length === 0;
  if (counted.filter((path) => /\.dzi$/i.test(path)).length === 1) return !counted.some((path) => SLIDES.test(path));
  return counted.every((path) => DICOM.test(path) || !/\.[a-z][a-z0-9]{0,5}$/i.test(path)); // archives leave DICOM's ending out
}
