export const MOST_ON_MAP = 5_000; // patches: UMAP's graph and its epochs are plain JavaScript

/** Which patches of a large set are drawn: those that are labelled first, then others evenly spread. All where they fit. */
export function sampleForMap(
  rows: number,
  labelled: readonly number[],
  most = MOST_ON_MAP,
): Uint32Array<ArrayBuffer> | undefined {
  if (rows <= most) return undefined;
  const chosen = new Set<number>();
  const every = (list: readonly number[], room: number): void => {
    const count = Math.min(room, list.length);
    for (let i = 0; i < count; i++) chosen.add(list[Math.floor((i * list.length) / count)] ?? 0);
  };
  every(labelled, most);
  const isLabelled = new Set(labelled);
  every(
    Array.from({ length: rows }, (_, row) => row).filter((row) => !isLabelled.has(row)),
    most - chosen.size,
  );
  return Uint32Array.from(chosen).sort();
}
