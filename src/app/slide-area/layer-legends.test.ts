// What is said of objects as they are drawn.
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import type { LegendLayer } from '#viewer/viewer-api.ts';
import { LayerLegends } from './layer-legends.tsx';

const saidOf = (layer: LegendLayer): string =>
  renderToStaticMarkup(createElement(LayerLegends, { layers: [layer], apart: false })).replaceAll(/<[^>]*>/g, ' ');

test.each(['50 µm', '200 px'])('of annotations how small those are that are not outlined one by one: %s', (upTo) => {
  const cells = { kind: 'cells', upTo, opacity: 1, classes: [], density: undefined } as const;
  expect(saidOf({ ...cells, form: 'discs' })).toContain(
    `Below 5× each annotation no larger than a cell (${upTo}) is a disc of its area.`,
  );
  expect(saidOf({ ...cells, form: 'density' })).toContain(
    `Below 2.5× annotations no larger than a cell (${upTo}) are drawn as density`,
  );
});
