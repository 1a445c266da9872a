/** Asked for by several, made by the first who asks; one that failed is tried anew. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let making: Promise<T> | undefined;
  return () => {
    making ??= make().catch((thrown: unknown) => {
      making = undefined;
      throw thrown;
    });
    return making;
  };
}
