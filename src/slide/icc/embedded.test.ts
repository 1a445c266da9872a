// Profiles in pictures, as libvips writes them.
import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { profileInPicture } from './embedded.ts';

const plain = (): Sharp => sharp({ create: { width: 8, height: 8, channels: 3, background: '#936' } });

for (const type of ['image/png', 'image/jpeg', 'image/webp'] as const)
  test(`${type}: the profile comes out as it went in, and is not missed where there is none`, async () => {
    const as = async (picture: Sharp): Promise<Buffer> =>
      (type === 'image/png' ? picture.png() : type === 'image/jpeg' ? picture.jpeg() : picture.webp()).toBuffer();
    const kept = await as(plain().withIccProfile('p3'));
    const { icc } = await sharp(kept).metadata();
    const found = await profileInPicture(new Uint8Array(kept), type);
    expect(found?.length).toBeGreaterThan(400);
    expect(Buffer.from(found ?? []).equals(icc ?? Buffer.of(1))).toBe(true);
    expect(await profileInPicture(new Uint8Array(await as(plain())), type)).toBeUndefined();
    for (let length = 0; length < kept.length; length += 97)
      await profileInPicture(new Uint8Array(kept.subarray(0, length)), type);
  });
