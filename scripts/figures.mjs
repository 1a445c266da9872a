// `npm run figures`: writes the models' figures into README.md, from the manifests that ship. figures.test.ts fails where
// the two differ.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './project.mjs';

const FROM = '<!-- figures: npm run figures -->';
const TO = '<!-- end of figures -->';

const json = (path) => JSON.parse(readFileSync(join(root, 'public/models', path), 'utf8'));

/** One table for each model: what was measured, the value, its 95 % interval. */
export function figures() {
  return json('index.json')
    .map((id) => json(`${id}/model.json`))
    .map(({ id, name, version, parameters, bytes, licence, metrics }) => {
      const head = `**${name} ${version}** (\`${id}\`): ${(parameters / 1e6).toFixed(1)} M parameters, ${(bytes / 1e6).toFixed(1)} MB, weights under ${licence}; [card](public/models/${id}/README.md)`;
      const rows = metrics.map(({ name: what, value, ci }) => {
        const interval = ci ? `${ci[0].toFixed(3)} to ${ci[1].toFixed(3)}` : '';
        return `| ${what} | ${value.toFixed(3)} | ${interval} |`;
      });
      return [head, '', '| measured on | value | 95 % interval |', '| --- | --- | --- |', ...rows].join('\n');
    })
    .join('\n\n');
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
