import type { Port } from '#channel/channel.ts';
import { servePacking } from './packing.ts';

declare const self: Port;

servePacking(self);
