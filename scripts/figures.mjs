// `npm run figures`: writes the models' figures into README.md from the manifests that ship, and how fast it is from
// bench/reference.json, a result of `npm run bench` that was kept. readme.test.ts fails where they differ.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './project.mjs';

const MODELS = ['<!-- figures: npm run figures -->', '<!-- end of figures -->'];
const SPEED = ['<!-- speed: npm run figures -->', '<!-- end of speed -->'];

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

/** What `npm run bench` printed on a machine that is named. */
export function speed() {
  return speedOf(JSON.parse(readFileSync(join(root, 'bench/reference.json'), 'utf8')));
}

const placeOf = ({ cpu, cores, memoryGiB, browser }) => `${cores} cores of ${cpu}, ${memoryGiB} GiB, ${browser}`;

export function speedOf({ machine, date, table: rows }) {
  const place = placeOf(machine);
  /** Of a row that is kept of an earlier run of other parts. */
  const earlier = (measured) => {
    if (!measured) return '';
    return `; measured ${measured.date}${measured.machine ? ` on ${placeOf(measured.machine)}` : ''}`;
  };
  const lines = rows.map(({ what, ours, beside, ratio, note, measured }) => {
    const stated = [ratio, note].filter((part) => part !== undefined).join(' ');
    return `| ${what} | ${ours} | ${beside} | ${stated}${earlier(measured)} |`;
  });
  const named = `Measured ${date} on ${place}.`;
  return [named, '', '| | Eosin | beside it | |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

/** The text between two marks replaced. @throws Error where a mark is gone */
function between(readme, [from, to], text) {
  const [start, end] = [readme.indexOf(from), readme.indexOf(to)];
  if (start < 0 || end < start) throw new Error(`README.md has lost its marks ${from} and ${to}`);
  return `${readme.slice(0, start + from.length)}\n${text}\n${readme.slice(end)}`;
}

/** The README with its figures as they are now. */
export const withFigures = (readme) => between(between(readme, MODELS, figures()), SPEED, speed());

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const path = join(root, 'README.md');
  writeFileSync(path, withFigures(readFileSync(path, 'utf8')));
}
