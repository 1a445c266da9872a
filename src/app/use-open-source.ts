// Opens a slide from a component: the slide session itself tells what went wrong.
import { unhurried } from '#channel/waits.ts';
import { isAbort } from '#errors/failure.ts';
import type { SlideSource } from '#slide/open.ts';
import { useDesk } from './workbench.ts';

export function useOpenSource(): (source: SlideSource) => void {
  const { slides } = useDesk();
  return (source) => {
    slides.open(source, unhurried()).catch((thrown: unknown) => {
      if (!isAbort(thrown)) console.warn(thrown); // shown on screen as the slide store's problem
    });
  };
}
