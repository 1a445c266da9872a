import { expect, test } from 'vitest';
import { densityOf, HAEMATOXYLIN, tableOf, transmittanceOf } from './beer-lambert.ts';

test('density and transmittance are each other’s inverse', () => {
  for (const density of [0, 0.1, 0.5, 1.2]) expect(densityOf(255 * transmittanceOf(density))).toBeCloseTo(density, 10);
  expect(densityOf(0)).toBeCloseTo(Math.log10(255), 10); // black counts as 1
});

test('a table gives each channel its share of the density: amounts add, transmittances multiply', () => {
  const table = tableOf(HAEMATOXYLIN);
  const at = (channel: Float32Array, density: number): number =>
    channel[Math.round(transmittanceOf(density) * table.steps)] ?? Number.NaN;
  for (const density of [0.1, 0.4, 0.8]) {
    expect(-Math.log10(at(table.red, density))).toBeCloseTo(density * HAEMATOXYLIN.red, 2);
    expect(-Math.log10(at(table.blue, density))).toBeCloseTo(density * HAEMATOXYLIN.blue, 2);
  }
  expect(at(table.green, 0.2) * at(table.green, 0.3)).toBeCloseTo(at(table.green, 0.5), 2);
  expect(table.red[table.steps]).toBe(1); // clear stays clear
});
