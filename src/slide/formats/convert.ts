/** The way out for files that are not read: libvips reads most of them through OpenSlide, and writes what Eosin reads. */
export const withVips = (name: string): string => `Convert it first: ${vipsCommand(name)}`;

const vipsCommand = (name: string): string =>
  `vips tiffsave "${name}" slide.tif --tile --pyramid --compression jpeg --Q 90 --bigtiff`;

/** For a file that is opened with the folder beside it. */
export const withItsFolder = (name: string): string =>
  `Open the folder that holds both, or convert the slide: ${vipsCommand(name)}`;

/** For makers whose files only Bio-Formats reads. */
export const withBioFormats = (name: string): string =>
  `Convert it first with Bio-Formats: bfconvert -bigtiff -compression JPEG -tilex 512 -tiley 512 -pyramid-resolutions 6 -pyramid-scale 2 "${name}" slide.ome.tif`;

/** For makers whose files nobody else reads, or only with the maker's own library. */
export const withMakersProgram = (): string =>
  'Export it as DICOM, TIFF or SVS with the program of the scanner’s maker.';

/** @param picture what is written, in Python @param how more of it */
const byTifffile = (picture: string, how = ''): string =>
  `Convert it first with Python (pip install tifffile imagecodecs): python -c "import tifffile; tifffile.imwrite('slide.tif', ${picture}, tile=(512, 512), compression='zlib'${how})"`;

/** For TIFFs whose tiles libvips does not unpack. @param apart their colours lie in planes of their own */
export const withTifffile = (name: string, apart = false): string =>
  byTifffile(`tifffile.imread('${name}')`, apart ? ", photometric='rgb', planarconfig='separate'" : '');

/** For TIFFs of more than 8 bits a sample: the range of values is stretched to 8 bits. */
export const toEightBits = (name: string): string =>
  `Convert it to 8 bits first: vips scale "${name}" "slide.tif[tile,pyramid,compression=jpeg,Q=90]"`;

/** For TIFFs of inks and other colours that are no RGB. */
export const toRgb = (name: string): string =>
  `Convert it to RGB first: vips colourspace "${name}" "slide.tif[tile,pyramid,compression=jpeg,Q=90]" srgb`;

/** For TIFFs of numbers that libvips does not read either. */
export const toFloats = (name: string): string => byTifffile(`tifffile.imread('${name}').astype('float32')`);
