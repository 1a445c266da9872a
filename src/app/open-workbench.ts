// Puts the parts of one window together.
import { unhurried } from '#channel/waits.ts';
import { isAbort } from '#errors/failure.ts';
import { createViewer } from '#viewer/viewer.ts';
import { tellMissing } from './arriving.ts';
import { withChosenKeys } from './chosen-keys.ts';
import { createCommands } from './commands/commands.ts';
import { DrawnObjects } from './drawn-objects.ts';
import { earlyStage } from './early-stage.ts';
import { FoundObjects } from './found-objects.ts';
import { bindKeys } from './keyboard.ts';
import { lazyAttention } from './lazy-attention.ts';
import { lazyCompare } from './lazy-compare.ts';
import { lazyFiles } from './lazy-files.ts';
import { lazyLearn, learningDoor } from './lazy-learn.ts';
import { lazyMeasures } from './lazy-measures.ts';
import { lazyWizard } from './lazy-wizard.ts';
import { watchMemory } from './memory.ts';
import { readShelf } from './models.ts';
import { cycleRegion } from './regions.ts';
import { regionsAsked } from './regions-asked.ts';
import { lazyRunParts } from './run-parts.ts';
import { createRunSession } from './run-session.ts';
import { createSlideSession, type SlideWays } from './slide-session.ts';
import { notify } from './stores/window-store.ts';
import { createStores } from './stores.ts';
import type { TrafficStore } from './traffic.ts';
import { bindViewer } from './viewer-binding.ts';
import { commandOf, type Desk, type Stage, type Workbench } from './workbench.ts';

export interface WindowOptions {
  readonly ways: SlideWays;
  readonly traffic: TrafficStore;
  readonly drawer: 'webgl' | 'canvas' | undefined;
  readonly storage: Pick<Storage, 'getItem' | 'setItem'> | undefined;
}

/** The viewer needs a size from the start: its element waits under the page until React puts it into place. */
function createStage(drawer: Stage['drawer']): Stage {
  const element = document.createElement('div');
  const navigator = document.createElement('div');
  Object.assign(element.style, { position: 'fixed', inset: '0' });
  Object.assign(navigator.style, { width: '208px', height: '160px' });
  document.body.append(element, navigator);
  return { element, navigator, drawer };
}

export function openWorkbench({ ways, traffic, drawer, storage }: WindowOptions): Desk {
  const stage = createStage(drawer);
  const stores = createStores(storage);
  const viewer = createViewer({
    element: stage.element,
    navigatorElement: stage.navigator,
    ...(drawer && { drawer }),
  });
  stage.element.removeAttribute('style');
  stage.navigator.style.cssText = 'width:100%';
  const slides = createSlideSession(ways, viewer, stores, earlyStage(stage.element));
  const found = new FoundObjects((state) => stores.objects.setState(state));
  const regions = regionsAsked(slides, stores, () => viewer.visibleRect());
  const shelf = readShelf(stores, unhurried());
  const parts = lazyRunParts();
  const read: SlideWays['read'] = (from, waits) => ways.read(from, waits);
  const attention = lazyAttention({ slides, stores, viewer, regions, parts, read, shelf });
  const drawn = new DrawnObjects(found);
  const learn = lazyLearn({ slides, stores, regions, viewer, parts, attention, found, drawn });
  const learning = learningDoor({ slides, stores, attention, learn });
  const runs = createRunSession({ slides, ways, stores, found, viewer, regions, parts, attention, shelf });
  const compared = lazyCompare({ slides, stores, viewer, found, runs, attention });
  const measures = lazyMeasures({ slides, stores, found, regions, viewer });
  const bench: Workbench = {
    stage,
    viewer,
    stores,
    slides,
    ways,
    found,
    drawn,
    runs,
    attention,
    learn,
    compared,
    measures,
    wizard: lazyWizard({ slides, stores, regions }),
    files: lazyFiles({ slides, stores, found, measures, viewer, attention, compared, learning }),
    traffic,
    memory: watchMemory(),
  };
  keepOfTabs(bench);
  bindViewer(bench);
  tellMissing((text) => notify(stores.window, { text, tone: 'warn', seconds: 15 }));
  const commands = withChosenKeys(createCommands(bench), () => stores.settings.getState().keys);
  const desk: Desk = { ...bench, commands, invoke: (id) => void invoke(desk, id) };
  bindKeys(
    commands,
    ({ id }) => desk.invoke(id),
    () => stores.window.getState().palette,
  );
  window.addEventListener('keydown', (event) => {
    if (event.key !== 'F6') return;
    event.preventDefault();
    cycleRegion(event.shiftKey ? -1 : 1);
  });
  return desk;
}

/** What a slide finds again when its tab comes back; annotations, labels and attention are kept on disk, by slide. */
function keepOfTabs({ slides, stores, found }: Workbench): void {
  slides.onLeave(() => {
    const kept = found.keep();
    const { ended } = stores.run.getState();
    if (!kept && !ended) return undefined;
    const putBack = (): void => {
      kept?.putBack();
      if (ended) stores.run.setState({ ended });
    };
    return { bytes: kept?.bytes ?? 0, putBack };
  });
  slides.onLeave(() => {
    const regions = stores.regions.getState();
    if (!(regions.drawn ?? regions.tissue ?? regions.past[0])) return undefined;
    return { bytes: 0, putBack: () => stores.regions.setState(regions) };
  });
}

async function invoke(desk: Desk, id: string): Promise<void> {
  const command = commandOf(desk, id);
  const whyNot = command.whyNot();
  if (whyNot !== undefined) return notify(desk.stores.window, { text: `${whyNot}.`, tone: 'warn', seconds: 4 });
  try {
    await command.run();
  } catch (thrown) {
    const { problem } = desk.stores.slide.getState();
    if (isAbort(thrown) || problem) return; // a slide that would not open has its own card
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    notify(desk.stores.window, { text, tone: 'bad' });
  }
}
