import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withFigures } from './figures.mjs';
import { root } from './project.mjs';

const readme = readFileSync(join(root, 'README.md'), 'utf8');

test('the figures are those of the shipped manifests: `npm run figures` writes them', () => {
  expect(readme).toBe(withFigures(readme));
});

test('every file that the README links to is there', () => {
  const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)]
    .map(([, path = '']) => path)
    .filter((path) => !path.includes('://'));
  expect(links.length).toBeGreaterThan(3);
  for (const link of links) expect(existsSync(join(root, link)), link).toBe(true);
});

test('every npm command that it names exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const named = [...readme.matchAll(/npm (?:run )?([a-z][a-z:0-9]*)/g)].map(([, name = '']) => name);
  expect(named.length).toBeGreaterThan(3);
  for (const name of named) expect(Object.keys(scripts), name).toContain(name);
});

test('every shipped model has figures, or its card says that it was not measured', () => {
  const models = join(root, 'public/models');
  const ids: string[] = JSON.parse(readFileSync(join(models, 'index.json'), 'utf8'));
  for (const id of ids) {
    const { metrics } = JSON.parse(readFileSync(join(models, id, 'model.json'), 'utf8'));
    const card = readFileSync(join(models, id, 'README.md'), 'utf8');
    expect(metrics.length > 0 || card.includes('Not measured.'), id).toBe(true);
  }
});
