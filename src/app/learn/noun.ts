// What is labelled, in words.
export interface Noun {
  readonly one: string;
  readonly many: string;
  readonly read: string; // what comes first, as a command
}

export const PATCHES: Noun = { one: 'patch', many: 'patches', read: 'embed the view or all tissue' };

export const OBJECTS = {
  nuclei: { one: 'nucleus', many: 'nuclei', read: 'read the nuclei of the view' },
  glands: { one: 'gland', many: 'glands', read: 'read the glands of the view' },
  lumina: { one: 'lumen', many: 'lumina', read: 'read the lumina of the view' },
} as const satisfies Readonly<Record<string, Noun>>;

/** Kinds of objects that can be labelled: those that a run finds. */
export type LearnKind = keyof typeof OBJECTS;
export const LEARN_KINDS = ['nuclei', 'glands', 'lumina'] as const satisfies readonly LearnKind[];
