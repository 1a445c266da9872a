// Which of several channels, optical paths or focal planes of a slide is shown, and read by models.
import { unhurried } from '#channel/waits.ts';
import { isAbort } from '#errors/failure.ts';
import type { Chosen } from '#slide/slide.ts';
import parts from '../styles/parts.module.css';
import { useDesk } from '../workbench.ts';

export function ShownPick(props: {
  readonly label: string;
  readonly names: readonly string[]; // as they are listed
  readonly shown: number;
  readonly chosen: (index: number) => Chosen;
}) {
  const { label, names, shown, chosen } = props;
  const { slides } = useDesk();
  const choose = (index: number): void => {
    slides.choose(chosen(index), unhurried()).catch((thrown: unknown) => {
      if (!isAbort(thrown)) console.warn(thrown); // shown on screen as the slide store's problem
    });
  };
  return (
    <select
      aria-label={label}
      className={parts.select}
      value={shown}
      onChange={(event) => choose(Number(event.currentTarget.value))}
    >
      {names.map((name, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: each is its place; names may repeat
        <option key={index} value={index}>
          {name}
        </option>
      ))}
    </select>
  );
}
