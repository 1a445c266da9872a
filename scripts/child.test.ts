import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from './child.mjs';
import { findChromium } from './chromium.mjs';
import nodeVersion from './node-version.cjs';
import { root } from './project.mjs';

const node = (code: string, seconds = 20) => run(process.execPath, ['-e', code], { seconds, quiet: true });
const isAlive = (id: number): boolean => {
  try {
    process.kill(id, 0);
    // A killed process whose parent has not looked yet is a zombie: dead all the same.
    return !/\) Z /.test(readFileSync(`/proc/${id}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

test('a program says how it ended', async () => {
  expect(await node('console.log("seen"); process.exit(3)')).toMatchObject({
    code: 3,
    timedOut: false,
    output: 'seen\n',
  });
  expect((await run('no-such-program-here', [], { seconds: 5, quiet: true })).code).toBe(127);
});

test('a program past its time is ended, though it does not listen', async () => {
  const { code, timedOut, output } = await node(
    'process.on("SIGTERM", () => {}); console.log(process.pid); setInterval(() => {}, 1000)',
    3, // Node takes a second to start on a busy machine
  );
  expect({ code, timedOut }).toEqual({ code: 124, timedOut: true });
  await expect.poll(() => isAlive(Number(output))).toBe(false); // the kernel takes a moment
});

test.runIf(process.platform === 'linux')(
  'what a program leaves behind in a group of its own is ended too',
  async () => {
    const { code, output } = await node(`
    const { spawn } = require('node:child_process');
    const left = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'inherit' });
    left.unref();
    console.log(left.pid);
  `);
    expect(code).toBe(0);
    await expect.poll(() => isAlive(Number(output))).toBe(false); // the kernel takes a moment
  },
);

test('Node is new enough by the rule of package.json', () => {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(engines.node).toBe('^20.19 || >=22.12'); // the rule below, in npm's words
  for (const version of ['20.19.0', '20.20.2', '22.12.0', '24.0.0', '26.1.0'])
    expect(nodeVersion.isNewEnough(version), version).toBe(true);
  for (const version of ['0.12.18', '12.22.0', '18.20.4', '20.18.9', '21.7.3', '22.11.0'])
    expect(nodeVersion.isNewEnough(version), version).toBe(false);
});

test('$CHROMIUM decides, as a path or as a name; a wrong one is not passed over', () => {
  expect(findChromium({ CHROMIUM: process.execPath, PATH: '' })).toBe(process.execPath);
  expect(findChromium({ CHROMIUM: 'sh', PATH: '/bin' })).toBe('/bin/sh');
  expect(findChromium({ CHROMIUM: '/no/such/browser', PATH: process.env.PATH })).toBeUndefined();
});
