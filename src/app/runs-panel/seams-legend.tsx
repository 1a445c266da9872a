// What the patch grid says: how many objects touch a seam, of how many.
import { RUN_LAYERS } from '../stores/objects-store.ts';
import { usePicked } from '../stores.ts';
import { count, measure, percent, plural } from '../words.ts';
import { useDesk } from '../workbench.ts';

const NAMES = { nuclei: ['nucleus', 'nuclei'], glands: ['gland', 'glands'], lumina: ['lumen', 'lumina'] } as const;

export default function SeamsLegend({ apart }: { apart: boolean }) {
  const { stores, invoke } = useDesk();
  const { patches, sidePx, counted, byKind } = usePicked(stores.seams, (state) => state);
  const mpp = usePicked(stores.slide, ({ open }) => open?.info.mpp);
  const objects = usePicked(stores.objects, (state) => state);
  const touching = RUN_LAYERS.reduce((sum, kind) => sum + byKind[kind], 0);
  const all = RUN_LAYERS.reduce((sum, kind) => sum + (objects[kind]?.count ?? 0), 0);
  const kinds = RUN_LAYERS.filter((kind) => byKind[kind] > 0).map((kind) => {
    const [one, many] = NAMES[kind];
    return plural(byKind[kind], one, many);
  });
  const side = mpp ? ` of ${measure(sidePx * mpp.x)} µm` : '';
  return (
    <div style={{ marginTop: apart ? 8 : 0 }}>
      <div className="row">
        <span className="b grow">Patch grid</span>
        <button type="button" className="link t2" onClick={() => invoke('layers.seams')}>
          Hide
        </button>
      </div>
      <p className="t2">
        {plural(patches, 'patch', 'patches')}
        {side}
        {counted < patches ? `, ${percent(counted / Math.max(1, patches))} counted` : ''}
      </p>
      <p style={{ marginTop: 4 }}>
        <span className="b">{count(touching)}</span> of {plural(all, 'object')} {touching === 1 ? 'touches' : 'touch'} a
        seam
        {kinds.length > 0 && `: ${kinds.join(', ')}`}.
      </p>
      <p className="t2" style={{ marginTop: 4 }}>
        {patches < 2
          ? 'A seam is where two patches meet. There is one patch alone.'
          : 'Numbers are objects at the seams of their patch. They were found whole, whichever patch they lie in.'}
      </p>
    </div>
  );
}
