import { run } from '../../scripts/child.mjs';
import { isBuilt, sourcesHash, stampBuild } from '../../scripts/project.mjs';

/** Sees to it that dist is the build of the sources as they are. */
export async function builtSite() {
  if (isBuilt()) return;
  const sources = sourcesHash();
  const tool = ['node_modules/vite/bin/vite.js', 'build'];
  const env = { NODE_ENV: 'production' }; // the development server of the benchmark has set another
  const { code, output } = await run(process.execPath, tool, { seconds: 300, quiet: true, env });
  if (code !== 0) throw new Error(output);
  stampBuild(sources);
}
