/** The channel on which counting.worker.ts tells of its helpers. */
export const HELPERS_TOLD = 'helpers of a test';
