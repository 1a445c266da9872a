import { dicom } from './formats/dicom.ts';
import type { SlideFormat } from './formats/format.ts';
import { picture } from './formats/picture.ts';
import { pyramidTiff } from './formats/pyramid-tiff.ts';
import { refused } from './formats/refused.ts';
import { svs } from './formats/svs.ts';

/** Every format, in the order in which they are asked. A new one is a file in formats/ and a line here. */
export const FORMATS: readonly SlideFormat[] = [refused, svs, dicom, pyramidTiff, picture];
