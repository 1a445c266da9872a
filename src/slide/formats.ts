import { deepZoom } from './formats/deep-zoom.ts';
import { dicom } from './formats/dicom.ts';
import { dicomweb } from './formats/dicomweb.ts';
import type { SlideFormat } from './formats/format.ts';
import { iiif } from './formats/iiif.ts';
import { imagej } from './formats/imagej.ts';
import { leica } from './formats/leica.ts';
import { mirax } from './formats/mirax.ts';
import { ndpi } from './formats/ndpi.ts';
import { omeTiff } from './formats/ome-tiff.ts';
import { omeZarr } from './formats/ome-zarr.ts';
import { philips } from './formats/philips.ts';
import { picture } from './formats/picture.ts';
import { pyramidTiff } from './formats/pyramid-tiff.ts';
import { qptiff } from './formats/qptiff.ts';
import { refused } from './formats/refused.ts';
import { svs } from './formats/svs.ts';
import { trestle } from './formats/trestle.ts';
import { ventana } from './formats/ventana.ts';
import { zoomify } from './formats/zoomify.ts';

/** Every format, in the order in which they are asked. A new one is a file in formats/ and a line here. */
export const FORMATS: readonly SlideFormat[] = [
  dicomweb,
  refused,
  mirax,
  svs,
  dicom,
  ndpi,
  leica,
  philips,
  ventana,
  qptiff,
  trestle,
  omeTiff,
  imagej,
  pyramidTiff,
  omeZarr,
  deepZoom,
  zoomify,
  iiif,
  picture,
];
