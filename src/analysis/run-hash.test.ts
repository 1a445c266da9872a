// One number tells whether two runs found the same.
import { expect, test } from 'vitest';
import type { LoadedModel } from '#inference/model.ts';
import { ColumnsBuilder } from '#objects/builder.ts';
import { all, asked, HEIGHT, hashOf, WIDTH, whole } from './testing/scene-run.ts';
import { sceneModel } from './testing/stand-in.ts';

/** The same network with weights of its own: all nuclei are of another class, and nothing else differs. */
function otherModel(): LoadedModel {
  const model = sceneModel();
  return {
    ...model,
    run: async (patch, options) => {
      const outputs = await model.run(patch, options);
      const { coarse } = outputs;
      if (!coarse || !(coarse.data instanceof Int32Array)) return outputs;
      const types = coarse.data.length / 3;
      return { ...outputs, coarse: { ...coarse, data: coarse.data.map((value, i) => (i < types ? 200 : value)) } };
    },
  };
}

test('two runs give the same hash, whatever the order of their patches; another model or region gives another', async () => {
  const hash = async (more: Parameters<typeof asked>[0] = {}): Promise<string> => {
    const told = await all(asked(more));
    const nuclei = new ColumnsBuilder('nuclei', []); // as they were told, not in reading order
    for (const event of told.events) if (event.kind === 'patch' && event.nuclei) nuclei.addRows(event.nuclei);
    return hashOf({ ...told, nuclei: nuclei.view() });
  };
  const one = await hash();
  expect(await hash()).toBe(one);
  for (const centre of [
    { x: 0, y: 0 },
    { x: WIDTH, y: HEIGHT },
  ])
    expect(await hash({ viewCentre: () => centre })).toBe(one);
  const others = [await hash({ model: otherModel() }), await hash({ region: { ...whole, width: WIDTH - 100 } })];
  expect(new Set([one, ...others]).size).toBe(3);
});
