// Files of objects: in, and what came in away again. What they run is loaded with the first of them.
import { OBJECT_LAYERS } from '../stores/objects-store.ts';
import type { Workbench } from '../workbench.ts';
import { type Command, command } from './command.ts';
import { noSlideOpen } from './slide-commands.ts';

const saving = () => import('../saving.ts');

export function fileCommands(bench: Workbench): readonly Command[] {
  const { stores, files } = bench;
  const noSlide = noSlideOpen(bench);
  const noAnnotation = (): string | undefined =>
    stores.selection.getState().selected?.kind === 'annotations' ? undefined : 'Click an annotation first';
  return [
    command({
      id: 'save.session',
      group: 'Save',
      label: 'Save the session',
      keys: ['Ctrl S'],
      whyNot: noSlide,
      run: async () => (await saving()).saveSession(bench),
    }),
    command({
      id: 'save.report',
      group: 'Save',
      label: 'Save a report to read and print',
      whyNot: noSlide,
      run: async () => (await saving()).saveReport(bench),
    }),
    command({
      id: 'file.session',
      group: 'Save',
      label: 'Open a session…',
      whyNot: noSlide,
      run: async () => {
        const [{ chosenFile }, { openSession }] = await Promise.all([
          import('../files/chosen-file.ts'),
          import('../files/import-file.ts'),
        ]);
        const file = await chosenFile('.zip,.eosin');
        if (file) await openSession(bench, file);
      },
    }),
    ...OBJECT_LAYERS.flatMap((kind) =>
      (['csv', 'parquet'] as const).map((as) =>
        command({
          id: `save.${as}.${kind}`,
          group: 'Save',
          label: `Save measures of ${kind} as ${as === 'csv' ? 'CSV' : 'Parquet'}`,
          whyNot: () => ((stores.objects.getState()[kind]?.count ?? 0) > 0 ? undefined : 'There are none'),
          run: async () => (await saving()).saveTable(bench, kind, as),
        }),
      ),
    ),
    command({
      id: 'save.image.tissue',
      group: 'Save',
      label: 'Save the tissue map as OME-TIFF',
      whyNot: () => (stores.objects.getState().tissueClasses ? undefined : 'Not computed yet'),
      run: async () => (await saving()).saveImage(bench, 'tissue'),
    }),
    command({
      id: 'save.image.attention',
      group: 'Save',
      label: 'Save the attention map as OME-TIFF',
      whyNot: () => (stores.attention.getState().findings ? undefined : 'Not computed yet'),
      run: async () => (await saving()).saveImage(bench, 'attention'),
    }),
    command({
      id: 'save.image.difference',
      group: 'Save',
      label: 'Save the difference of two maps as OME-TIFF',
      whyNot: () => (isDifference(bench) ? undefined : 'No two maps are compared by their difference'),
      run: async () => (await saving()).saveImage(bench, 'difference'),
    }),
    ...OBJECT_LAYERS.map((kind) =>
      command({
        id: `save.image.${kind}`,
        group: 'Save',
        label: `Save ${kind} as a label image, OME-TIFF`,
        whyNot: () => ((stores.objects.getState()[kind]?.count ?? 0) > 0 ? undefined : 'There are none'),
        run: async () => (await saving()).saveImage(bench, kind),
      }),
    ),
    command({
      id: 'save.features',
      group: 'Save',
      label: 'Save embeddings of patches for NumPy',
      whyNot: () => (bench.learn.loaded()?.shownSet() ? undefined : 'Nothing was embedded yet'),
      run: async () => (await saving()).saveFeatures(bench),
    }),
    command({
      id: 'file.import',
      group: 'Save',
      label: 'Take in objects and annotations from GeoJSON…',
      whyNot: noSlide,
      run: async () => {
        const [{ chosenFile }, { importFile }] = await Promise.all([
          import('../files/chosen-file.ts'),
          import('../files/import-file.ts'),
        ]);
        const file = await chosenFile('.geojson,.json,.gz');
        if (file) await importFile(bench, file);
      },
    }),
    command({
      id: 'file.stop',
      group: 'Save',
      label: 'Stop reading or writing files',
      whyNot: () => (files.jobs.areAny ? undefined : 'No file is read or written'),
      run: () => files.jobs.stop(),
    }),
    command({
      id: 'file.refused',
      group: 'Save',
      label: 'See what was not taken from the last file',
      whyNot: noSlide,
      run: () => stores.window.setState({ sheet: 'refused' }),
    }),
    command({
      id: 'brought.remove',
      group: 'Layers',
      label: 'Take away the objects that files brought',
      whyNot: noSlide,
      run: async () => (await files.desk()).takeAwayBrought(),
    }),
    command({
      id: 'brought.back',
      group: 'Layers',
      label: 'Bring back the objects that were taken away',
      whyNot: noSlide,
      run: async () => (await files.desk()).bringBackBrought(),
    }),
    command({
      id: 'annotations.remove',
      group: 'Layers',
      label: 'Take the selected annotation away',
      keys: ['Shift Delete'],
      whyNot: noAnnotation,
      run: async () => (await files.desk()).removeAnnotation(),
    }),
    command({
      id: 'annotations.back',
      group: 'Layers',
      label: 'Bring the last annotation back',
      whyNot: noSlide,
      run: async () => (await files.desk()).bringBack(),
    }),
  ];
}

const isDifference = ({ stores, attention }: Workbench): boolean =>
  stores.compare.getState().difference !== undefined || attention.loaded()?.difference() !== undefined;
