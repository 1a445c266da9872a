// Slides of makers that are recognised, so that a user learns what they hold and how to go on.
import { EosinError } from '#errors/failure.ts';
import { withBioFormats, withVips } from './convert.ts';
import { endsIn, hasText, type Seen, type SlideFormat } from './format.ts';

interface Refusal {
  readonly what: string; // completes "slide.czi is …"
  matches(seen: Seen): boolean;
  todo(name: string): string;
}

const REFUSALS: readonly Refusal[] = [
  {
    what: 'a Zeiss CZI slide',
    matches: ({ head }) => hasText(head, 0, 'ZISRAWFILE'),
    todo: withBioFormats,
  },
  {
    what: 'an Olympus VSI slide, whose tiles lie in .ets files beside it',
    matches: ({ name }) => endsIn(name, '.vsi'),
    todo: withBioFormats,
  },
  {
    what: 'a JPEG 2000 picture',
    matches: ({ head }) =>
      hasText(head, 4, 'jP  \r\n') || (head[0] === 0xff && head[1] === 0x4f && head[2] === 0xff && head[3] === 0x51),
    todo: withVips,
  },
];

const refusalOf = (seen: Seen): Refusal | undefined => REFUSALS.find((refusal) => refusal.matches(seen));

export const refused: SlideFormat = {
  name: 'Refused',
  matches: (seen) => refusalOf(seen) !== undefined,
  async open(seen) {
    const found = refusalOf(seen);
    const { name } = seen;
    throw new EosinError({
      tag: 'UnsupportedSlide',
      name,
      reason: found?.what ?? 'a slide',
      todo: (found?.todo ?? withVips)(name),
    });
  },
};
