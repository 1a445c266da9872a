import type { Port } from '#channel/channel.ts';
import { serveAlter } from './serve-alter.ts';

declare const self: Port;

serveAlter(self);
