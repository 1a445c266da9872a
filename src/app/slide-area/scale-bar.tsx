import { usePicked } from '../stores.ts';
import css from '../styles/slide-area.module.css';
import { useDesk } from '../workbench.ts';

export function ScaleBar() {
  const { stores, invoke } = useDesk();
  const bar = usePicked(stores.view, ({ scaleBar }) => scaleBar);
  const calibrated = usePicked(stores.slide, ({ open }) => open?.info.mpp !== undefined);
  const measured = usePicked(stores.view, (state) => state.measured);
  const display = usePicked(stores.view, (state) => state.display);
  if (!bar) return null;
  const length =
    measured && (measured.lengthUm === undefined ? `${Math.round(measured.lengthPx)} px` : lengthOf(measured.lengthUm));
  return (
    <div className={`${css.hud} ${css.scale}`}>
      <span className={css.scaleBar} style={{ width: bar.lengthPx }} />
      <span className="b">{bar.label}</span>
      {!calibrated && <span className="warn">uncalibrated</span>}
      {display && (
        <button type="button" className="link t2" onClick={() => invoke('view.display')}>
          {display.stains === 'all' ? 'display adjusted' : `${display.stains} only`}
        </button>
      )}
      {length && <span className="t2">Line {length}</span>}
    </div>
  );
}

const lengthOf = (um: number): string =>
  um < 1000 ? `${um.toFixed(um < 100 ? 1 : 0)} µm` : `${(um / 1000).toFixed(2)} mm`;
