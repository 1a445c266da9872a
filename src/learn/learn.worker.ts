import type { Port } from '#channel/channel.ts';
import { serveLearn } from './serve-learn.ts';

declare const self: Port & { readonly name: string };

serveLearn(self, Number(self.name)); // the budget in bytes: there before the first message
