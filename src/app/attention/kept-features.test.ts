import { expect, test } from 'vitest';
import type { PatchManifest } from '#inference/manifest.ts';
import { parsePatchManifest } from '#inference/parse-manifest.ts';
import simclr from '../../../public/models/resnet18-simclr/model.json';
import { KeptFeatures } from './kept-features.ts';

const encoder: PatchManifest = parsePatchManifest(simclr);

test('features are kept by encoder, its version and the stride', () => {
  const kept = new KeptFeatures();
  const set = kept.setOf(encoder, undefined);
  expect(kept.setOf({ ...encoder }, undefined)).toBe(set);
  expect(kept.setOf({ ...encoder, sha256: '0'.repeat(64) }, undefined)).not.toBe(set);
  expect(kept.setOf(encoder, 64)).not.toBe(set);
});

test('what one model said of a set is not what another says', () => {
  const kept = new KeptFeatures();
  const set = kept.setOf(encoder, undefined);
  const attended = { attention: new Float32Array(8), patch: new Float32Array(16), classes: 2 };
  kept.keepAttended(set, { sha256: 'a' }, attended);
  expect(kept.attended(set, { sha256: 'a' })).toBe(attended);
  expect(kept.attended(set, { sha256: 'b' })).toBeUndefined();
});

test('a set that is not there is a sentence with those that are', () => {
  const kept = new KeptFeatures();
  expect(() => kept.named('old')).toThrow(/none named old\. Call embed first/);
  const { name } = kept.name('patches', kept.setOf(encoder, undefined), Uint32Array.from([0, 1]));
  expect([...kept.named(name).rows]).toEqual([0, 1]);
  expect(() => kept.named('old')).toThrow(new RegExp(`This slide has ${name}`));
});
