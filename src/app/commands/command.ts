// A command is data. Buttons, the palette, the keyboard and the console run the same ones.

export type CommandGroup = 'Slide' | 'View' | 'Tools' | 'Analyse' | 'Layers' | 'Save' | 'Window';

export interface Command {
  readonly id: string;
  readonly group: CommandGroup;
  /** What it will do now: 'Hide glands' while they show. */
  label(): string;
  /** Keys as written in UI.md: 'Shift F', '+', 'Ctrl K'. The first is shown. Those that the user chose, where one did. */
  readonly keys: readonly string[];
  /** Those that it came with. */
  readonly ownKeys: readonly string[];
  /** Why it cannot run now, as a few words; undefined when it can. */
  whyNot(): string | undefined;
  run(): void | Promise<void>;
}

const always = (): undefined => undefined;

/** Fills in what most commands leave out. */
export const command = (
  given: Pick<Command, 'id' | 'group' | 'run'> & {
    label: string | (() => string);
    keys?: readonly string[];
    whyNot?: () => string | undefined;
  },
): Command => {
  const { label } = given;
  return {
    ...given,
    label: typeof label === 'string' ? () => label : label,
    keys: given.keys ?? [],
    ownKeys: given.keys ?? [],
    whyNot: given.whyNot ?? always,
  };
};
