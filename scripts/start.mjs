// `npm start`: brings the checkout up to date (packages, build) and serves it on this machine. Needs Node and nothing
// else; node-version.cjs has looked at Node's age before.
import { npmCi, run } from './child.mjs';
import { isBuilt, isInstalled, root, sourcesHash, stampBuild } from './project.mjs';
import { serve } from './serve.mjs';

const FIRST_PORT = 4173;

/** Runs one step; where it fails, shows what it said and ends. */
async function step(what, work) {
  console.log(`${what} …`);
  const { code, timedOut, seconds, output } = await work();
  if (code === 0) return console.log(`${what} took ${seconds.toFixed(0)} s.`);
  console.error(output);
  console.error(
    timedOut ? `${what} was stopped after ${seconds.toFixed(0)} s.` : `${what} failed; its messages stand above.`,
  );
  process.exit(1);
}

function portAsked(args) {
  const at = args.indexOf('--port');
  if (at < 0) return FIRST_PORT;
  const port = Number(args[at + 1]);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  console.error(`--port wants a number from 1 to 65535, not ${args[at + 1] ?? 'nothing'}.`);
  process.exit(1);
}

const port = portAsked(process.argv.slice(2));
if (!isInstalled()) await step('Installing packages (npm ci)', () => npmCi({ quiet: true }));
if (!isBuilt()) {
  const sources = sourcesHash();
  await step('Building the site', () =>
    run(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'], {
      seconds: 300,
      quiet: true,
    }),
  );
  stampBuild(sources);
}
const site = await serve({ root: `${root}/dist`, port, isolation: true });
console.log(`Eosin is at ${site.url} (Ctrl C ends it)`);
