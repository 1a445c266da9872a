// The network that is timed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/project.mjs';

export const MODEL = 'cerberus-lite';

export const manifestOf = (id = MODEL) =>
  JSON.parse(readFileSync(join(root, 'public/models', id, 'model.json'), 'utf8'));

/** @returns {{ window: number, margin: number, mpp: number }} model px, µm */
export const modelInput = () => manifestOf().input;
