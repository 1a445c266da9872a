import { lazy as lazyOnce } from 'react';
import { arriving } from './arriving.ts';

/** React's, but a part that is asked for offline comes when the network is back: React asks once, and keeps the refusal. */
export const lazy: typeof lazyOnce = (load) => lazyOnce(arriving(load));
