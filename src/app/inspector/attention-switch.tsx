// Whether a run computes attention too, and what that costs.
import { attentionModels, encoders } from '../stores/models-store.ts';
import type { RegionChoice } from '../stores/run-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import { bytes, plural, unbroken } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { useWork } from './use-work.ts';

export default function AttentionSwitch({ region }: { region: RegionChoice }) {
  const { stores } = useDesk();
  const manifests = usePicked(stores.models, (state) => state.manifests);
  const chosen = usePicked(stores.attention, ({ model }) => model);
  const on = usePicked(stores.settings, ({ attentionBeside }) => attentionBeside);
  const mpp = usePicked(stores.slide, ({ open }) => open?.info.mpp);
  const work = useWork(region);
  const shelf = attentionModels({ manifests });
  const model = shelf.find(({ id }) => id === chosen) ?? shelf[0];
  const encoder = encoders({ manifests }).find(({ id }) => id === model?.input.encoder.id);
  if (!model || !encoder) return null;
  const side = encoder.input.window * encoder.input.mpp; // µm
  const patches = work.state === 'known' && mpp ? Math.ceil((work.areaPx * mpp.x * mpp.y) / (side * side)) : undefined;
  return (
    <div className={`${css.p} ${css.gap}`}>
      <label className="row" style={{ minHeight: 24 }}>
        <input
          type="checkbox"
          style={{ margin: 0, width: 14, height: 14, accentColor: 'var(--fill)' }}
          checked={on}
          onChange={(event) => stores.settings.setState({ attentionBeside: event.currentTarget.checked })}
        />
        Attention beside the run
      </label>
      <p className="t3" style={{ marginTop: 2 }}>
        {patches !== undefined && unbroken(`At most ${plural(patches, 'patch', 'patches')} of ${side} µm more; `)}
        {unbroken(bytes(encoder.bytes + model.bytes))} to load, once.
      </p>
    </div>
  );
}
