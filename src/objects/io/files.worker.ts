import type { Port } from '#channel/channel.ts';
import { serveFiles } from './serve-files.ts';

declare const self: Port;

serveFiles(self);
