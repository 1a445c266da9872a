// Where the slide lies on the page, and what is seen there.
import type { Page } from '@playwright/test';

/** The slide's place on the page and how its pixels lie there, from what the console says of the view. */
export async function placeOnScreen(page: Page, mpp: number) {
  const box = await page.getByRole('application').boundingBox();
  if (!box) throw new Error('the slide has no box');
  const { centre, magnification, rotation } = await page.evaluate(() => window.eosin.view());
  const zoom = (mpp * magnification) / 10; // CSS px a level-0 px
  const [cos, sin] = [Math.cos((rotation * Math.PI) / 180), Math.sin((rotation * Math.PI) / 180)];
  const toPage = (x: number, y: number) => {
    const [dx, dy] = [(x - centre.x) * zoom, (y - centre.y) * zoom];
    return { x: box.x + box.width / 2 + dx * cos - dy * sin, y: box.y + box.height / 2 + dx * sin + dy * cos };
  };
  return { box, toPage };
}
