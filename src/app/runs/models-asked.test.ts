import { describe, expect, test } from 'vitest';
import { manifest as attention, encoder } from '../attention/testing/attention-bench.ts';
import { manifest as network } from '../testing/run-bench.ts';
import { modelsAsked } from './models-asked.ts';

const second = { ...network, id: 'another-network' };
const [third, fourth] = [
  { ...network, id: 'a-third' },
  { ...network, id: 'a-fourth' },
];
const otherAttention = { ...attention, id: 'another-attention' };
const head = { ...attention, id: 'a-head', task: 'head' } as const;
const shelf = [network, second, third, fourth, encoder, attention, otherAttention, head];

test('one that finds objects, alone or with attention, in either order', () => {
  expect(modelsAsked([network.id], shelf)).toEqual({ model: network.id, others: [], attention: 'none' });
  const both = { model: network.id, others: [], attention: attention.id };
  expect(modelsAsked([network.id, attention.id], shelf)).toEqual(both);
  expect(modelsAsked([attention.id, network.id], shelf)).toEqual(both);
});

test('one that is not on the shelf is left to the run, which knows why', () => {
  expect(modelsAsked(['nothing'], shelf)).toEqual({ model: 'nothing', others: [], attention: 'none' });
});

test('several that find objects, the first named first, each once', () => {
  const asked = { model: second.id, others: [network.id], attention: attention.id };
  expect(modelsAsked([second.id, network.id, attention.id, second.id], shelf)).toEqual(asked);
});

describe('what one run cannot do is said, with the way to it', () => {
  test.each([
    [[network.id, second.id, third.id, fourth.id], /4 of them find objects.*3 at most/],
    [[network.id, encoder.id], /is an encoder, which finds no objects\. Name an attention model instead/],
    [[encoder.id], /is an encoder/],
    [[network.id, head.id], /is a head.*Call embed, then predict/],
    [[network.id, attention.id, otherAttention.id], /both of attention\. Name one/],
    [[attention.id], /a segmentation model/],
    [[], /none of them/],
    [[network.id, 'nothing'], /there is none named nothing/],
  ])('%j', (ids, said) => expect(() => modelsAsked(ids, shelf)).toThrow(said));
});
