import { expect, test } from 'vitest';
import { isOneSlide } from './one-slide.ts';

test.each([
  [['a.dcm', 'b.dcm', 'c.dcm'], true],
  [['slide/1.2.840.1', 'slide/1.2.840.2', 'slide/DICOMDIR'], true],
  [['x.zarr/.zattrs', 'x.zarr/0/0.0.0', 'x.zarr/0/.zarray'], true],
  [['slide.dzi', 'slide_files/10/0_0.jpeg', 'slide_files/10/1_0.jpeg'], true],
  [['a.svs', 'b.svs'], false],
  [['a.dcm', 'b.svs'], false],
  [['a.png', 'b.png'], false],
  [['a.dcm'], false], // opens as a file
  [[], false],
] as const)('%j', (paths, one) => expect(isOneSlide(paths)).toBe(one));
