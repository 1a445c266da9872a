// Philips TIFF: levels are padded to whole tiles, and how large they truly are follows from the pixel sizes in the XML.
// Tiles that were never scanned are left out. Label and macro are in the XML, as JPEG in base64.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { Reading } from '../page-tile.ts';
import type { Raster } from '../slide.ts';
import type { PageLevel } from '../tile-reader.ts';
import { everyNamed, firstNamed, named, type XmlElement } from '../xml.ts';
import type { SlideFormat } from './format.ts';
import { pagesOf, plausibleMpp, tiffProperties, tiffSlide } from './tiff-slide.ts';
import { xmlOf } from './vendor-xml.ts';

export const philips: SlideFormat = {
  name: 'Philips TIFF',
  matches: ({ tiff }) =>
    (tiff?.software.startsWith('Philips') ?? false) && (tiff?.first.description.includes('DPUfsImport') ?? false),
  async open({ tiff }, reading, waits) {
    if (!tiff) throw new EosinError({ tag: 'Unexpected', reason: 'A Philips slide is a TIFF.' });
    const root = xmlOf(tiff.first.description, reading);
    const pages = [tiff.first, ...(await pagesOf(tiff.chain.slice(1), reading, waits))].filter(({ tiled }) => tiled);
    const images = [...everyNamed(root, 'DataObject')].filter((object) => attribute(object, 'PIM_DP_IMAGE_TYPE'));
    const wsi = images.find((object) => attribute(object, 'PIM_DP_IMAGE_TYPE')?.text === 'WSI');
    const spacings = [...everyNamed(wsi, 'DataObject')]
      .filter((object) => object.attributes.get('ObjectType') === 'PixelDataRepresentation')
      .map(spacingOf);
    const [base] = spacings;
    const levels = pages.map((page, i): PageLevel => {
      const spacing = spacings[i];
      const across = base && spacing ? Math.max(1, Math.round(spacing.x / base.x)) : 1;
      const down = base && spacing ? Math.max(1, Math.round(spacing.y / base.y)) : 1;
      const widthPx = i === 0 ? page.width : Math.min(page.width, Math.floor(tiff.first.width / across));
      const heightPx = i === 0 ? page.height : Math.min(page.height, Math.floor(tiff.first.height / down));
      return { page, absent: 'glass', widthPx, heightPx };
    });
    const properties = await tiffProperties(tiff.first.directory, waits);
    delete properties['tiff.ImageDescription']; // holds label and macro
    properties['openslide.vendor'] = 'philips';
    const mpp = base && plausibleMpp(round(base.x * 1000), round(base.y * 1000));
    if (mpp) {
      properties['openslide.mpp-x'] = String(mpp.x);
      properties['openslide.mpp-y'] = String(mpp.y);
    }
    for (const name of ['DICOM_MANUFACTURER', 'DICOM_MANUFACTURERS_MODEL_NAME', 'PIM_DP_UFS_INTERFACE_VERSION']) {
      const value = attribute(root, name)?.text;
      if (value) properties[`philips.${name}`] = value;
    }
    const associated = new Map(
      [['label', 'LABELIMAGE'] as const, ['macro', 'MACROIMAGE'] as const].flatMap(([name, type]) => {
        const object = images.find((image) => attribute(image, 'PIM_DP_IMAGE_TYPE')?.text === type);
        const data = object && attribute(object, 'PIM_DP_IMAGE_DATA')?.text;
        return data ? [[name, jpegReader(data, reading)] as const] : [];
      }),
    );
    const facts = { format: philips.name, vendor: 'philips', mpp, objective: undefined, properties };
    return tiffSlide({ levels, facts, pictures: associated }, reading, waits);
  },
};

const attribute = (object: XmlElement, name: string): XmlElement | undefined =>
  named(object, 'Attribute').find((each) => each.attributes.get('Name') === name);

/** "0.00025" "0.00025", in mm: rows, then columns. */
function spacingOf(object: XmlElement): { x: number; y: number } {
  const text = attribute(object, 'DICOM_PIXEL_SPACING')?.text ?? firstNamed(object, 'Attribute')?.text ?? '';
  const [y = Number.NaN, x = Number.NaN] = [...text.matchAll(/[\d.eE+-]+/g)].map(([number]) => Number(number));
  return { x, y };
}

const round = (value: number): number => Number(value.toPrecision(12));

const jpegReader =
  (base64: string, { decoders }: Reading) =>
  (waits: Waits): Promise<Raster> =>
    decoders.image(
      Uint8Array.from(atob(base64.replace(/\s/g, '')), (char) => char.charCodeAt(0)),
      'image/jpeg',
      waits,
    );
