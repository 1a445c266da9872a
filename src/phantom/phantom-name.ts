// Apart from the phantom itself, so that telling its name does not load it.

/** The seed of a name like 'phantom:7'; undefined where the name is something else. */
export function phantomSeed(name: string): number | undefined {
  const digits = /^phantom:(\d{1,9})$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
