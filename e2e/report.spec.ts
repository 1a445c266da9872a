// The report as it is read and printed: every plot is there and holds every object, nothing is cut, light whatever the theme.
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import type { Page } from '@playwright/test';
import sharp from 'sharp';
import { command } from './actions.ts';
import { expect, openEosin, test } from './site.ts';

const REGION = { x: 50_000, y: 40_000, width: 3000, height: 2400 };
const LONG = 'Lymphocyte-like, within the epithelium of a serrated gland';
const A4 = { width: 673, height: 1001 }; // CSS px within the margins of the report

/** The truth of a region, each second nucleus of a class with a long name. */
const bring = (page: Page): Promise<unknown> =>
  page.evaluate(
    ({ region, long }) => {
      const features = (['nuclei', 'glands', 'lumina'] as const).flatMap((kind) => {
        const table = window.eosin.truth(kind, region);
        return Array.from({ length: table.count }, (_, i) => {
          const [ring = new Float64Array()] = table.polygon(i);
          const corners = Array.from({ length: ring.length / 2 }, (_, k) => [ring[2 * k], ring[2 * k + 1]]);
          const name = { nuclei: 'Nucleus', glands: 'Gland', lumina: 'Lumen' }[kind];
          const className = kind === 'nuclei' && i % 2 === 1 ? long : table.classes[table.classIndex[i] ?? 0]?.name;
          return {
            type: 'Feature',
            geometry: { type: 'Polygon', coordinates: [[...corners, corners[0]]] },
            properties: { objectType: 'detection', name, classification: { name: className } },
          };
        });
      });
      return window.eosin.importGeoJSON(new Blob([JSON.stringify({ type: 'FeatureCollection', features })]));
    },
    { region: REGION, long: LONG },
  );

interface Plot {
  readonly title: string;
  readonly bars: readonly number[]; // heights of a histogram's, widths of the others', CSS px
  readonly most: number; //            what the highest stands for, of a histogram
  readonly said: string; //            beneath it
}

/** In the order of the page. */
const plotsOf = (sheet: Page): Promise<Plot[]> =>
  sheet.locator('figure:has(svg)').evaluateAll((figures) =>
    figures.map((figure) => {
      const isHistogram = figure.querySelector('.bars') !== null;
      const bars = [...figure.querySelectorAll('rect')].map((bar) =>
        Number(bar.getAttribute(isHistogram ? 'height' : 'width')),
      );
      return {
        title: figure.querySelector('svg')?.getAttribute('aria-label') ?? '',
        bars,
        most: Number(figure.querySelector('text')?.textContent?.replaceAll(',', '')),
        said: figure.querySelector('figcaption')?.textContent ?? '',
      };
    }),
  );

/** What reaches out of the page, or out of its plot. */
const cutIn = (sheet: Page): Promise<string[]> =>
  sheet.evaluate(() => {
    const { width } = document.documentElement.getBoundingClientRect();
    return [...document.querySelectorAll('body *')].flatMap((element) => {
      const box = element.getBoundingClientRect();
      const plot = element.closest('svg')?.getBoundingClientRect();
      const isCut =
        box.left < -0.5 ||
        box.right > width + 0.5 ||
        (plot !== undefined && (box.left < plot.left - 1 || box.right > plot.right + 1)) ||
        (plot !== undefined && (box.top < plot.top - 1 || box.bottom > plot.bottom + 1));
      return isCut ? [`${element.tagName} ${element.textContent}`] : [];
    });
  });

/** Of its pages the sizes, in points; pictures, and how many rectangles are filled on them. */
function readPdf(pdf: Buffer) {
  const text = pdf.toString('latin1');
  const streams = [...text.matchAll(/<<([^<>]*)>>\s*stream\r?\n/g)].map(({ 0: all, 1: head = '', index }) => {
    const from = index + all.length;
    return { head, bytes: pdf.subarray(from, text.indexOf('endstream', from)) };
  });
  const drawing = streams
    .filter(({ head }) => head.includes('/FlateDecode') && !head.includes('/Image'))
    .map(({ bytes }) => inflateSync(bytes).toString('latin1'));
  return {
    pages: [...text.matchAll(/\/MediaBox \[([^\]]*)\]/g)].map(([, box = '']) => box.split(' ').map(Number)),
    pictures: streams.filter(({ head }) => head.includes('/Subtype /Image')).length,
    filled: drawing.reduce((sum, of) => sum + of.split(/ re\nf\b/).length - 1, 0),
  };
}

test('the report prints whole: every plot with every object, nothing cut, light from the dark theme too', async ({
  page,
  site,
}, info) => {
  await openEosin(page, site);
  await bring(page);
  await page.evaluate((at) => window.eosin.setView(at), { centre: { x: 51_000, y: 41_000 }, magnification: 20 });
  const saving = page.waitForEvent('download');
  await command(page, 'Save a report to read and print');
  const html = readFileSync(await (await saving).path(), 'utf8');
  const { measured, nuclei } = await page.evaluate(() => {
    const known = (kind: 'nuclei' | 'glands' | 'lumina', name: string): number =>
      (window.eosin.measures(kind).columns[name] ?? new Float32Array()).filter(Number.isFinite).length;
    return {
      measured: {
        'Area of nuclei': known('nuclei', 'area'),
        'Circularity of nuclei': known('nuclei', 'circularity'),
        'Area of glands': known('glands', 'area'),
        'Lumen share of glands': known('glands', 'lumen_share'),
        'Area of lumina': known('lumina', 'area'),
      },
      nuclei: window.eosin.objects('nuclei').count,
    };
  });

  // the theme of the window is dark; a reader's may be, too
  expect(await page.evaluate(() => getComputedStyle(document.body).colorScheme)).toBe('dark');
  const sheet = await page.context().newPage();
  await sheet.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await sheet.setViewportSize(A4);
  await sheet.setContent(html);

  const plots = await plotsOf(sheet);
  expect(plots.map(({ title }) => title)).toEqual(['Counts by class', ...Object.keys(measured)]);
  for (const { title, bars, most, said } of plots.slice(1)) {
    expect(bars, title).toHaveLength(32);
    const tallest = Math.max(...bars);
    const shown = bars.reduce((sum, bar) => sum + Math.round((bar / tallest) * most), 0);
    const beyond = Number(/([\d,]+) lie beyond/.exec(said)?.[1]?.replaceAll(',', '') ?? 0);
    expect(shown + beyond, title).toBe(new Map(Object.entries(measured)).get(title));
  }
  const [classes] = plots;
  expect(classes?.bars.length).toBeGreaterThan(4);
  expect(nuclei).toBeGreaterThan(500);

  expect(await sheet.evaluate(() => document.documentElement.scrollWidth)).toBe(A4.width);
  expect(await cutIn(sheet)).toEqual([]);
  await expect(sheet.getByText(LONG, { exact: true })).toBeVisible(); // in the table, whole
  const picture = sharp(await sheet.screenshot({ fullPage: true, path: info.outputPath('report.png') }));
  const { dominant } = await picture.stats();
  expect(Math.min(dominant.r, dominant.g, dominant.b)).toBeGreaterThan(240);
  const corners = await picture.extract({ left: 0, top: 0, width: 8, height: 8 }).removeAlpha().raw().toBuffer();
  expect(corners.every((value) => value === 255)).toBe(true);

  const pdf = await sheet.pdf({ format: 'A4', path: info.outputPath('report.pdf') });
  const { pages, pictures, filled } = readPdf(pdf);
  expect(pages.length).toBeGreaterThan(1);
  for (const [, , width = 0, height = 0] of pages) {
    expect(width).toBeCloseTo(595.9, 0);
    expect(height).toBeCloseTo(842.9, 0);
  }
  expect(pictures).toBe(1);
  const bars = plots.flatMap((plot) => plot.bars.filter((bar) => bar > 0)).length;
  expect(filled).toBeGreaterThan(bars); // and the lines of the tables
});
