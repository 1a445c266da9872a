// Composes and starts. What the page opens with comes from its address: ?slide=, ?device=, ?drawer=.
import { createRoot } from 'react-dom/client';
import { isAbort } from '#errors/failure.ts';
import { version } from '../package.json';
import { App } from './app/app.tsx';
import type { Eosin } from './app/console.d.ts';
import { createConsole } from './app/eosin-console.ts';
import { openWorkbench } from './app/open-workbench.ts';
import { slideWays } from './app/slide-ways.ts';
import { watchTraffic } from './app/traffic.ts';

declare global {
  interface Window {
    eosin: Eosin;
  }
}

const SAMPLE = 'phantom:1';

/** Throws where the browser forbids it, such as in a sandboxed frame. */
function storageOfBrowser(): Storage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined; // settings last as long as the tab
  }
}

const traffic = watchTraffic();
const asked = new URLSearchParams(window.location.search);
const drawer = asked.get('drawer');
const device = asked.get('device');

const desk = openWorkbench({
  ways: slideWays(),
  traffic,
  drawer: drawer === 'canvas' || drawer === 'webgl' ? drawer : undefined,
  storage: storageOfBrowser(),
});
if (device === 'webgpu' || device === 'wasm') desk.stores.settings.setState({ device });

const root = document.getElementById('root');
if (!root) throw new Error('The page has no element with the id root.');
createRoot(root).render(<App desk={desk} />);

const { signal } = new AbortController();
window.eosin = createConsole(desk, version);
desk.slides.open(asked.get('slide') ?? SAMPLE, { signal }).catch((thrown: unknown) => {
  if (!isAbort(thrown)) console.warn(thrown); // the page shows why
});
