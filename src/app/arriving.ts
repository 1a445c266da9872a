// Code that comes when it is first needed: while the network is down it waits for the network.

const OFFLINE =
  'A part of Eosin could not be loaded: this computer is offline. It comes when the network is back; all that is loaded goes on.';
const GONE =
  'A part of Eosin could not be loaded: the site may have a newer version, or be out of reach. Finished runs are kept: save what was drawn, then load the page again.';

const networkIsBack = (): Promise<void> =>
  new Promise((done) => window.addEventListener('online', () => done(), { once: true }));

/** Style sheets that did not come: the bundler asks for each only once. */
async function stylesAgain(): Promise<void> {
  const links = [...document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')];
  const again = (link: HTMLLinkElement): Promise<unknown> =>
    new Promise((done, failed) => {
      const anew = document.createElement('link');
      Object.assign(anew, { rel: 'stylesheet', href: link.href, onload: done, onerror: failed });
      link.replaceWith(anew);
    });
  await Promise.all(links.filter(({ sheet }) => sheet === null).map(again));
}

/** What a page knows of its network. */
export interface Connection {
  readonly isOnline: () => boolean;
  readonly isBack: () => Promise<void>;
  readonly stylesAgain: () => Promise<void>;
}

const OF_PAGE: Connection = { isOnline: () => navigator.onLine, isBack: networkIsBack, stylesAgain };

/** `load`, anew when the network is back as often as it was down; rejects where it fails with a network. */
export function arriving<M>(load: () => Promise<M>, connection = OF_PAGE): () => Promise<M> {
  return async () => {
    for (let isFirst = true; ; isFirst = false) {
      try {
        if (!isFirst) await connection.stylesAgain();
        return await load();
      } catch (thrown) {
        if (connection.isOnline()) throw thrown;
        await connection.isBack();
      }
    }
  };
}

/** Whoever waits for code that does not come shows a sentence; `tell` gets it while offline, where some wait on. */
export function tellMissing(tell: (text: string) => void): void {
  window.addEventListener('vite:preloadError', ({ payload }) => {
    payload.message = navigator.onLine ? GONE : OFFLINE;
    if (!navigator.onLine) tell(OFFLINE);
  });
}
