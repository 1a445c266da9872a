import { hasText } from './format.ts';

/** 128 bytes of anything, then "DICM". */
export const isDicom = (head: Uint8Array): boolean => hasText(head, 128, 'DICM');
