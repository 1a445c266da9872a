// `npm run figures`: writes the models' figures into README.md, from the manifests that ship. figures.test.ts fails where
// the two differ.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './project.mjs';

const FROM = '<!-- figures: npm run figures -->';
const TO = '<!-- end of figures -->';

const json = (path) => JSON.parse(readFileSync(join(root, 'public/models', path), 'utf8'));

// Of an encoder, an attention network or a head these stand in the README; all else in its card.
const TOLD = /block3: linear probe|^bag AUC|^AUC of the attention|restained tiles$|cosine/;
const NOT_ITS_OWN = /minus|ImageNet \(teacher\)|baseline|block[124]|SimCLR (of|to)|of restained|^accuracy/;

const size = (bytes) => (bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
const written = ({ value, ci }) =>
  ci ? `${value.toFixed(3)} (${ci[0].toFixed(3)} to ${ci[1].toFixed(3)})` : value.toFixed(3);
const head = ({ id, name, version, parameters, bytes, licence }) =>
  `**${name} ${version}** (\`${id}\`): ${(parameters / 1e6).toFixed(1)} M parameters, ${(bytes / 1e6).toFixed(1)} MB, weights under ${licence}; [card](public/models/${id}/README.md)`;

/** What was measured of a network that finds objects, the value, its 95 % interval. */
const table = (manifest) => {
  const rows = manifest.metrics.map(({ name, value, ci }) => {
    const interval = ci ? `${ci[0].toFixed(3)} to ${ci[1].toFixed(3)}` : '';
    return `| ${name} | ${value.toFixed(3)} | ${interval} |`;
  });
  return [head(manifest), '', '| measured on | value | 95 % interval |', '| --- | --- | --- |', ...rows].join('\n');
};

/** One line for each that works on patches as wholes. */
const line = ({ id, bytes, metrics }) => {
  const told = metrics.filter(({ name }) => TOLD.test(name) && !NOT_ITS_OWN.test(name));
  const text = told.map((metric) => `${metric.name} ${written(metric)}`).join('; ') || 'not measured';
  return `| [\`${id}\`](public/models/${id}/README.md) | ${size(bytes)} | ${text} |`;
};

/** Tables of all shipped models. */
export function figures() {
  const manifests = json('index.json').map((id) => json(`${id}/model.json`));
  const networks = manifests.filter(({ task }) => task === 'segmentation').map(table);
  const others = manifests.filter(({ task }) => task !== 'segmentation').map(line);
  const patches = ['| on patches of 112 µm | size | measured (95 %) |', '| --- | --- | --- |', ...others].join('\n');
  return [...networks, patches].join('\n\n');
}

/** The README with its figures as they are now. */
export function withFigures(readme) {
  const [from, to] = [readme.indexOf(FROM), readme.indexOf(TO)];
  if (from < 0 || to < from) throw new Error(`README.md has lost its marks ${FROM} and ${TO}`);
  return `${readme.slice(0, from + FROM.length)}\n${figures()}\n${readme.slice(to)}`;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const path = join(root, 'README.md');
  writeFileSync(path, withFigures(readFileSync(path, 'utf8')));
}
