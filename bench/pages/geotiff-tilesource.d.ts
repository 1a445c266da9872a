// What the benchmark uses of a peer that brings no types.
declare module 'geotiff-tilesource' {
  import type OpenSeadragon from 'openseadragon';
  /** Puts GeoTIFFTileSource beside OpenSeadragon's own classes. */
  export function enableGeoTIFFTileSource(osd: typeof OpenSeadragon): void;
}
