// What an OME-TIFF says of itself (OME schema 2016-06): sizes, channels, and where on the slide it lies.

export interface OmeImage {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly type: 'uint8' | 'uint16' | 'uint32' | 'float';
  readonly channels: readonly { readonly name: string; readonly color: string | undefined }[]; // '#rrggbb'
  readonly umPerPx: { readonly x: number; readonly y: number } | undefined;
  readonly at: { readonly x: number; readonly y: number }; // of the top left corner, µm of the slide; px while uncalibrated
}

export function omeXml({ name, width, height, type, channels, umPerPx, at }: OmeImage): string {
  const size = umPerPx
    ? ` PhysicalSizeX="${short(umPerPx.x)}" PhysicalSizeXUnit="µm" PhysicalSizeY="${short(umPerPx.y)}" PhysicalSizeYUnit="µm"`
    : '';
  const unit = umPerPx ? 'µm' : 'pixel';
  const all = channels.map(({ name: of, color }, c) => {
    const rgba = color ? ` Color="${(Number.parseInt(color.slice(1), 16) << 8) | 255}"` : '';
    return `<Channel ID="Channel:0:${c}" Name="${escaped(of)}" SamplesPerPixel="1"${rgba}/>`;
  });
  const data = channels.map((_, c) => `<TiffData FirstC="${c}" FirstZ="0" FirstT="0" IFD="${c}" PlaneCount="1"/>`);
  const planes = channels.map(
    (_, c) =>
      `<Plane TheC="${c}" TheZ="0" TheT="0" PositionX="${short(at.x)}" PositionXUnit="${unit}" PositionY="${short(at.y)}" PositionYUnit="${unit}"/>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.openmicroscopy.org/Schemas/OME/2016-06 http://www.openmicroscopy.org/Schemas/OME/2016-06/ome.xsd" Creator="Eosin"><Image ID="Image:0" Name="${escaped(name)}"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="${type}" BigEndian="false" SizeX="${width}" SizeY="${height}" SizeC="${channels.length}" SizeZ="1" SizeT="1"${size}>${all.join('')}${data.join('')}${planes.join('')}</Pixels></Image></OME>`;
}

/** Without what products of doubles leave behind: 32, not 31.999999999999996. */
const short = (value: number): number => Number(value.toPrecision(12));

/** Characters that XML has no place for are left out. */
const escaped = (text: string): string =>
  [...text].map((char) => ('&<>"\''.includes(char) ? `&#${char.charCodeAt(0)};` : char < ' ' ? ' ' : char)).join('');
