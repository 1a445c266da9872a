// The colours that a slide's profile means, while they are asked for and the slide has one.
import { colourTransform } from '#slide/icc/colour-transform.ts';
import { notify } from './stores/window-store.ts';
import type { Workbench } from './workbench.ts';

/** A profile that cannot be used is told, and the slide stays as it is stored. */
export async function showColours({ viewer, stores, slides }: Pick<Workbench, 'viewer' | 'stores' | 'slides'>) {
  const profile = stores.view.getState().byProfile ? slides.opened()?.slide.colourProfile : undefined;
  try {
    await viewer.setColours(profile && colourTransform(profile));
  } catch (thrown) {
    stores.view.setState({ byProfile: false });
    await viewer.setColours(undefined);
    notify(stores.window, { text: thrown instanceof Error ? thrown.message : String(thrown), tone: 'warn' });
  }
}
