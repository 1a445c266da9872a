import type { Eosin } from '../src/app/console.d.ts';

declare global {
  interface Window {
    readonly eosin: Eosin;
  }
}
