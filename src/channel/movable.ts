/** What has to be named as moving: memory that is shared is where it is wanted already. Each once. */
export const movable = (memory: Iterable<ArrayBufferLike>): ArrayBuffer[] =>
  [...new Set(memory)].filter((each) => each instanceof ArrayBuffer);
