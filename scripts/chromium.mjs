// Where the browser is: $CHROMIUM, the PATH, or an installed Chrome or Edge. Nothing is ever downloaded by a test tool.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'chrome.exe',
  'msedge.exe',
];
const INSTALLED = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

const runs = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // absent or not executable: both mean "look further"
  }
};

/** The path of a Chromium, or undefined. $CHROMIUM decides where it is set: it may be a name on the PATH. */
export function findChromium(env = process.env) {
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  const onPath = (name) => folders.map((folder) => join(folder, name)).find(runs);
  if (env.CHROMIUM) return runs(env.CHROMIUM) ? env.CHROMIUM : onPath(env.CHROMIUM);
  for (const name of NAMES) {
    const found = onPath(name);
    if (found) return found;
  }
  return INSTALLED.find(runs);
}

/** Software WebGPU, no sandbox (root in containers), and no traffic of the browser's own. */
export const chromiumArgs = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--enable-unsafe-swiftshader',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
