// The door to adding models: its code is loaded when it is first needed; what was begun stays while its sheet is closed.
import { once } from './once.ts';
import type { RegionsAsked } from './regions-asked.ts';
import type { SlideSession } from './slide-session.ts';
import type { Stores } from './stores.ts';
import type { WizardSession } from './wizard/wizard-session.ts';

export interface LazyWizard {
  session(): Promise<WizardSession>;
}

export interface WizardNeeds {
  readonly slides: SlideSession;
  readonly stores: Stores;
  readonly regions: Pick<RegionsAsked, 'tissue'>;
}

export function lazyWizard(needs: WizardNeeds): LazyWizard {
  return {
    session: once(async () => {
      const { WizardSession } = await import('./wizard/wizard-session.ts');
      return new WizardSession(needs);
    }),
  };
}
