// `npm run notices`: writes THIRD_PARTY.md, the licences of all packages that the built site may contain, from what is
// installed. notices.test.ts fails where the file is not of the present lock.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './project.mjs';

const json = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** Packages of types only: nothing of them is ever in a build. */
const isTypesOnly = (name) => /^(@types\/|undici-types$|csstype$|type-fest$|tagged-tag$)/.test(name);

/** The terms of packages that name their licence without shipping its text. */
const STANDARD = {
  MIT: `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`,
  ISC: `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.`,
  'Apache-2.0': 'The text of the Apache License 2.0 is in the file LICENSE.',
};

const authorOf = ({ author, contributors }) => {
  const first = author ?? contributors?.[0];
  return typeof first === 'string' ? first : first?.name;
};

/** The licence's text as shipped (trailing blanks off), else the standard one with the author's name. */
function textOf(folder, manifest, licence) {
  const files = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice|copyrightnotice)/i.test(name));
  if (files.length > 0)
    return files
      .sort()
      .map((name) =>
        readFileSync(join(folder, name), 'utf8')
          .replace(/\r/g, '')
          .replace(/[ \t]+$/gm, '')
          .trim(),
      )
      .join('\n\n');
  const standard = STANDARD[licence];
  if (!standard) throw new Error(`${manifest.name} ships no licence text, and there is none here for ${licence}`);
  const author = authorOf(manifest);
  return `${author ? `Copyright (c) ${author}\n\n` : ''}${standard}`;
}

/** What THIRD_PARTY.md has to say. Packages with the same text share it. */
export function notices(folder = root) {
  const byText = new Map();
  for (const [path, entry] of Object.entries(json(join(folder, 'package-lock.json')).packages)) {
    const name = path.split('node_modules/').at(-1);
    if (path === '' || entry.dev || entry.devOptional || isTypesOnly(name)) continue;
    const manifest = json(join(folder, path, 'package.json'));
    const licence = entry.license ?? manifest.license;
    const text = textOf(join(folder, path), manifest, licence);
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${entry.version} (${licence})`]);
  }
  const sections = [...byText].map(
    ([text, names]) => `## ${names.sort().join(', ')}\n\n\`\`\`text\n${text.replaceAll('```', "'''")}\n\`\`\`\n`,
  );
  return `# Third-party notices

Eosin itself is under the Apache License 2.0 (LICENSE). The built site contains code, fonts and icons of these packages,
each under its own terms. Trained weights have terms of their own: see the card of each model.
Made by \`npm run notices\`; do not edit.

${sections.sort().join('\n')}`;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  writeFileSync(join(root, 'THIRD_PARTY.md'), notices());
