// A model of one's own: an ONNX file through the wizard, onto the shelf, and there after a reload.
import { join } from 'node:path';
import { root } from '../scripts/project.mjs';
import { command } from './actions.ts';
import { expectAccessible } from './axe.ts';
import { expect, openEosin, sharedFile, test } from './site.ts';

const CMU = 'CMU-1-Small-Region.svs';
const OWN = join(root, 'public/models/resnet18-imagenet-distilled/model.onnx'); // trained and exported by models/

test('an ONNX file is read, described, tried on four patches, added; it embeds, also after a reload, and can be compared', async ({
  page,
  site,
  slideHost,
}, info) => {
  sharedFile(info, `slides/${CMU}`);
  const address = `slide=${encodeURIComponent(`${slideHost.url}${CMU}`)}&device=wasm`;
  await openEosin(page, site, address);
  await command(page, 'Add a model of your own');
  const sheet = page.getByRole('dialog', { name: 'Add a model of your own' });
  await sheet.getByLabel('Model files').setInputFiles(OWN);
  await expect(sheet).toContainText(/\d[\d,]* parameters/);
  await expect(sheet).toContainText('Features taken');
  await sheet.getByLabel('Name', { exact: true }).fill('Our own ResNet');
  await sheet.getByLabel('Licence').fill('CC-BY-NC-SA-4.0');
  await sheet.getByRole('button', { name: 'Try it on four patches' }).click();
  await expect(sheet).toContainText('none of them NaN, and they differ between patches', { timeout: 60_000 });
  await expect(sheet).toContainText(`${CMU}, tissue.`);
  await expect(sheet).toContainText(/all tissue of this slide, \d+ patches, takes about/);
  await expectAccessible(page, 'the wizard with four patches');
  await sheet.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(sheet).toContainText('Our own ResNet is on the shelf');

  const embed = () =>
    page.evaluate(async () => {
      const own = window.eosin.models().find(({ id }) => id.startsWith('own-'));
      const region = { x: 900, y: 900, width: 900, height: 460 };
      const { set, rows, dims } = await window.eosin.embed({ encoder: own?.id ?? '', region });
      const { values } = window.eosin.features(set);
      return { own, rows, dims, first: [...values.slice(0, 4)] };
    });
  const first = await embed();
  expect(first.own).toMatchObject({ task: 'encoder', name: 'Our own ResNet', licence: 'CC-BY-NC-SA-4.0' });
  expect(first.rows).toBeGreaterThan(4);
  expect(Object.values(first.dims).every((dims) => dims >= 64)).toBe(true);

  await page.reload();
  await page.waitForFunction(() => window.eosin?.slide() !== undefined && window.eosin.models().length > 0);
  await expect
    .poll(() => page.evaluate(() => window.eosin.models().some(({ id }) => id.startsWith('own-'))))
    .toBe(true);
  expect((await embed()).first).toEqual(first.first);
});

test('what cannot be used is said in a sentence, and the next file can be chosen', async ({ page, site }) => {
  await openEosin(page, site, 'device=wasm');
  await command(page, 'Add a model of your own');
  const sheet = page.getByRole('dialog', { name: 'Add a model of your own' });
  const files = sheet.getByLabel('Model files');
  await files.setInputFiles({ name: 'model.onnx', mimeType: '', buffer: Buffer.from('<html>not a model</html>') });
  await expect(sheet.getByRole('alert')).toContainText('model.onnx');
  await files.setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('x') });
  await expect(sheet.getByRole('alert')).toContainText('Choose an .onnx file');
  await files.setInputFiles(OWN);
  await expect(sheet.getByRole('alert')).toHaveCount(0);
  await expect(sheet).toContainText('Features taken');
});
