// How numbers, lengths, areas and times are written on screen: thousands with commas, a space before units.
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const minus = (text: string): string => text.replace('-', '−');

export const count = (n: number): string => minus(whole.format(n));

/** Three significant digits at most after the decimal point matters: 36.8, 3,160, 0.042. */
export function measure(n: number): string {
  if (n === 0) return '0';
  return minus(new Intl.NumberFormat('en-US', { maximumFractionDigits: fractionDigits(n) }).format(n));
}

const fractionDigits = (n: number): number =>
  Math.abs(n) >= 100 ? 0 : Math.abs(n) >= 10 ? 1 : Math.abs(n) >= 1 ? 2 : 3;

/** The same for columns: zeros are kept, so that numbers of one size stand beneath one another. 61.0, 0.800, 3,160. */
export function aligned(n: number): string {
  if (n === 0) return '0';
  const digits = fractionDigits(n);
  return minus(
    new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(n),
  );
}

export const areaUm2 = (um2: number): string => `${measure(um2)} µm²`;
/** In µm² where three digits of a mm² would say 0. */
export const areaMm2 = (mm2: number): string => {
  if (mm2 > 0 && mm2 < 0.001) return areaUm2(mm2 * 1e6);
  return `${mm2 > 0 && mm2 < 0.1 ? Number(mm2.toPrecision(3)) : measure(mm2)} mm²`; // a gland has 0.0102, not 0.01
};

/** A line does not end between a number and its unit. */
export const unbroken = (text: string): string => text.replace(/(\d) (?=\S)/g, '$1\u00a0');

/** 0.9 MB, 9.6 MB, 1.2 GB; below a kilobyte in bytes. */
export function bytes(n: number): string {
  if (n < 1000) return `${count(n)} bytes`;
  if (n < 1e6) return `${(n / 1e3).toFixed(n < 1e4 ? 1 : 0)} kB`;
  if (n < 1e9) return `${(n / 1e6).toFixed(n < 1e8 ? 1 : 0)} MB`;
  return `${(n / 1e9).toFixed(1)} GB`;
}

/** 8 s, 3 min, 1 h 20 min: as coarse as a forecast deserves. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${measure(Math.round(seconds * 10) / 10)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** 1.25×, 3.6×, 5×, 58×. */
export const magnification = (m: number): string =>
  `${m < 10 && Math.abs(m - Math.round(m)) > 0.04 ? Number(m.toFixed(m < 2 ? 2 : 1)) : m.toFixed(0)}×`;

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** The same for small ones too: 51 %, 3.6 %, <0.1 %. */
export function share(of: number): string {
  if (of > 0 && of < 0.0005) return '<0.1 %';
  return of === 0 ? '0 %' : `${(of * 100).toFixed(of < 0.1 ? 1 : 0)} %`;
}

/** 1 patch, 2 patches. */
export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;
