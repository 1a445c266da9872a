// What can be done about models and runs besides starting one.
import type { Seams } from '../runs-panel/seams.ts';
import type { Workbench } from '../workbench.ts';
import { type Command, command } from './command.ts';
import { noSlideOpen } from './slide-commands.ts';

export function runsCommands(bench: Workbench): readonly Command[] {
  const { stores } = bench;
  const { window } = stores;
  const noSlide = noSlideOpen(bench);
  const seams = lazySeams(bench);
  return [
    command({
      id: 'models.choose',
      group: 'Analyse',
      label: 'Choose a model',
      whyNot: () => (stores.models.getState().manifests.length > 0 ? undefined : 'No model is at hand'),
      run: () => window.setState(({ sheet }) => ({ sheet: sheet === 'models' ? undefined : 'models' })),
    }),
    command({
      id: 'runs.panel',
      group: 'Analyse',
      label: 'Runs: queue, earlier ones, storage',
      keys: ['Q'],
      run: () => window.setState(({ sheet }) => ({ sheet: sheet === 'runs' ? undefined : 'runs' })),
    }),
    command({
      id: 'run.live',
      group: 'Analyse',
      label: () => (stores.run.getState().live ? 'Live off' : 'Live: analyse what is in view as it moves'),
      keys: ['V'],
      whyNot: () =>
        noSlide() ??
        (stores.models.getState().chosen ? undefined : 'No model is at hand') ??
        (stores.slide.getState().open?.info.mpp ? undefined : 'Set the pixel size first'),
      run: () => bench.runs.live(!stores.run.getState().live),
    }),
    command({
      id: 'runs.resumeQueue',
      group: 'Analyse',
      label: 'Go on with the queue of a page that was left',
      whyNot: () => (stores.run.getState().list.some(({ isLeft }) => isLeft) ? undefined : 'No slide waits'),
      run: () => bench.runs.resumeQueue(),
    }),
    command({
      id: 'runs.removeFinished',
      group: 'Analyse',
      label: 'Remove all finished runs from this disk',
      whyNot: () => (stores.run.getState().list.some(({ state }) => state === 'done') ? undefined : 'None is finished'),
      run: () => window.setState({ sheet: 'runs' }), // asks there
    }),
    command({
      id: 'layers.seams',
      group: 'Layers',
      label: () => (stores.seams.getState().shown ? 'Hide the patch grid' : 'Show the patch grid with seams'),
      keys: ['Shift G'],
      whyNot: () => (stores.objects.getState().areaPx > 0 ? undefined : 'Nothing is analysed yet'),
      run: async () => (await seams()).toggle(),
    }),
  ];
}

/** Counting seams is code that few need: it loads with the first look at them. */
function lazySeams(bench: Workbench): () => Promise<Seams> {
  let loading: Promise<Seams> | undefined;
  const load = async (): Promise<Seams> => {
    const { Seams } = await import('../runs-panel/seams.ts');
    return new Seams({ ...bench, cores: () => bench.runs.cores() });
  };
  return () => {
    loading ??= load().catch((thrown: unknown) => {
      loading = undefined;
      throw thrown;
    });
    return loading;
  };
}
