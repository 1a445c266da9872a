import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { notices } from './notices.mjs';
import { root } from './project.mjs';

test('THIRD_PARTY.md names what is installed: `npm run notices` writes it', () => {
  const written = readFileSync(join(root, 'THIRD_PARTY.md'), 'utf8');
  const headsOf = (text: string) => text.split('\n').filter((line) => line.startsWith('## '));
  expect(headsOf(written)).toEqual(headsOf(notices()));
  expect(written).toBe(notices());
});

test('every direct dependency is in it', () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) expect(notices()).toContain(`${name} `);
});
