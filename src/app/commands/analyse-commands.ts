import { unhurried } from '#channel/waits.ts';
import type { RegionChoice } from '../stores/run-store.ts';
import type { DeviceChoice } from '../stores/settings-store.ts';
import type { Workbench } from '../workbench.ts';
import { type Command, command } from './command.ts';
import { noSlideOpen } from './slide-commands.ts';

const saving = () => import('../saving.ts');

export function analyseCommands(bench: Workbench): readonly Command[] {
  const { stores, runs } = bench;
  const noSlide = noSlideOpen(bench);
  const whyNot = (): string | undefined =>
    noSlide() ??
    (stores.models.getState().chosen ? undefined : 'No model is at hand') ??
    (stores.slide.getState().open?.info.mpp ? undefined : 'Set the pixel size first');
  const nothingRuns = (): string | undefined => (stores.run.getState().progress ? undefined : 'Nothing runs');
  const noObjects = (): string | undefined => {
    const { nuclei, glands, lumina, annotations } = stores.objects.getState();
    return [nuclei, glands, lumina, annotations].some((of) => of && of.count > 0) ? undefined : 'Nothing was found yet';
  };
  const analyse = async (choice: RegionChoice): Promise<void> => {
    if (choice === 'rectangle' && !stores.regions.getState().drawn && !(await drawRegion(bench))) return;
    await runs.analyseChoice(choice);
  };
  const device = (choice: DeviceChoice, label: string): Command =>
    command({
      id: `device.${choice}`,
      group: 'Analyse',
      label,
      whyNot: () => (stores.settings.getState().device === choice ? 'Chosen already' : undefined),
      run: () => stores.settings.setState({ device: choice }),
    });
  return [
    command({
      id: 'analyse.view',
      group: 'Analyse',
      label: 'Analyse this view',
      keys: ['Enter'],
      whyNot,
      run: () => analyse('view'),
    }),
    command({
      id: 'analyse.rectangle',
      group: 'Analyse',
      label: () => (stores.regions.getState().drawn ? 'Analyse what is drawn' : 'Draw a rectangle and analyse it'),
      whyNot,
      run: () => analyse('rectangle'),
    }),
    command({
      id: 'analyse.tissue',
      group: 'Analyse',
      label: 'Analyse all tissue',
      keys: ['Shift Enter'],
      whyNot,
      run: () => analyse('tissue'),
    }),
    command({
      id: 'analyse.chosen',
      group: 'Analyse',
      label: 'Analyse the chosen region',
      whyNot,
      run: () => analyse(stores.settings.getState().region),
    }),
    command({
      id: 'run.pause',
      group: 'Analyse',
      label: 'Pause the run',
      whyNot: nothingRuns,
      run: () => runs.pause(),
    }),
    command({
      id: 'run.cancel',
      group: 'Analyse',
      label: 'Cancel the run, keep what is found',
      whyNot: nothingRuns,
      run: async () => {
        await runs.cancel();
      },
    }),
    command({
      id: 'run.resume',
      group: 'Analyse',
      label: 'Go on with the run that was stopped',
      whyNot: () => (runs.canResume() ? undefined : 'No run on this slide waits to go on'),
      run: async () => {
        await runs.resume(undefined, unhurried());
      },
    }),
    command({
      id: 'run.inMemory',
      group: 'Analyse',
      label: 'Run in memory what the disk has no room for',
      whyNot: () => (runs.canRunInMemory() ? undefined : 'No run was refused'),
      run: () => runs.analyseInMemory(),
    }),
    device('auto', 'Compute on the GPU where it is right'),
    device('webgpu', 'Compute on the GPU, even an emulated one'),
    device('wasm', 'Compute on the processor'),
    command({
      id: 'model.about',
      group: 'Analyse',
      label: 'About this model',
      whyNot: () => (stores.models.getState().chosen ? undefined : 'No model is at hand'),
      run: () => {
        stores.models.setState({ about: undefined });
        stores.window.setState({ sheet: 'model' });
      },
    }),
    command({
      id: 'models.add',
      group: 'Analyse',
      label: 'Add a model of your own',
      run: () => stores.window.setState({ sheet: 'wizard' }),
    }),
    command({
      id: 'save.geojson',
      group: 'Save',
      label: 'Save objects as GeoJSON for QuPath',
      whyNot: noObjects,
      run: async () => (await saving()).saveGeoJSON(bench, { gzip: false }),
    }),
    command({
      id: 'save.geojsonGz',
      group: 'Save',
      label: 'Save objects as GeoJSON, compressed',
      whyNot: noObjects,
      run: async () => (await saving()).saveGeoJSON(bench, { gzip: true }),
    }),
    command({
      id: 'save.snapshot',
      group: 'Save',
      label: 'Save this view as a picture',
      whyNot: noSlide,
      run: async () => (await saving()).saveSnapshot(bench),
    }),
  ];
}

/** The next region the user draws: true once it is there, false where the tool was put away before. */
function drawRegion({ viewer, stores }: Workbench): Promise<boolean> {
  viewer.setTool('rectangle');
  return new Promise((resolve) => {
    const end = (isDrawn: boolean): void => {
      leaveRegions();
      leaveView();
      resolve(isDrawn);
    };
    const leaveRegions = stores.regions.subscribe(({ drawn }) => drawn && end(true));
    const leaveView = stores.view.subscribe(({ tool }) => (tool === 'move' || tool === 'line') && end(false));
  });
}
