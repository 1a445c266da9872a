// One glance: position, pixel value, failures, device, memory, bytes sent.

import { IconAlertTriangle, IconCpu, IconLock } from '@tabler/icons-react';
import { Hint } from './hint.tsx';
import { providerOf } from './inspector/provider.ts';
import { Late } from './late.tsx';
import { lazy } from './lazy.ts';
import { usePicked } from './stores.ts';
import css from './styles/bars.module.css';
import { bytes, count, plural } from './words.ts';
import { useDesk } from './workbench.ts';

export function StatusBar() {
  return (
    <footer className={css.status}>
      <Position />
      <Maps />
      <Colours />
      <Failures />
      <Selection />
      <Device />
      <Memory />
      <Sent />
    </footer>
  );
}

function Position() {
  const { stores } = useDesk();
  const pointer = usePicked(stores.view, (state) => state.pointer);
  const open = usePicked(stores.slide, (state) => state.open);
  if (!open) return <span>No slide</span>;
  const { mpp } = open.info;
  const at = pointer?.at;
  const written = (value: number | undefined, scale: number): string =>
    value === undefined ? '–' : count(Math.floor(value * scale));
  return (
    <>
      <span style={{ minWidth: 140 }}>
        x {written(at?.x, mpp?.x ?? 1)} &nbsp;y {written(at?.y, mpp?.y ?? 1)} {mpp ? 'µm' : 'px'}
      </span>
      <span className={css.optional} style={{ minWidth: 112 }}>
        Pixel {pointer?.rgb ? pointer.rgb.join(' ') : '–'}
      </span>
    </>
  );
}

const MapValues = lazy(() => import('./map-values.tsx'));

/** What maps say of the place under the pointer; nothing is loaded before one is shown. */
function Maps() {
  const { stores } = useDesk();
  const left = usePicked(stores.layers, ({ tissue }) => tissue.shown);
  const right = usePicked(stores.besideLayers, ({ tissue }) => tissue.shown);
  const attended = usePicked(stores.attention, ({ under }) => under !== undefined);
  if (!left && !right && !attended) return null;
  return (
    <Late>
      <MapValues />
    </Late>
  );
}

/** While they are not those that are stored. */
function Colours() {
  const { stores, invoke } = useDesk();
  const said = usePicked(stores.view, ({ legend }) => legend?.colours);
  if (said === undefined) return null;
  return (
    <Hint label={`${said}. Models and pixel values keep to the stored colours.`}>
      <button type="button" className="link" onClick={() => invoke('view.display')}>
        Colours by profile
      </button>
    </Hint>
  );
}

function Failures() {
  const { stores, invoke } = useDesk();
  const gaps = usePicked(stores.slide, (state) => state.gaps);
  const failed = usePicked(stores.run, ({ progress, ended }) => progress?.failed ?? ended?.result.failedPatches ?? 0);
  if (gaps + failed === 0) return null;
  return (
    <span className="warn">
      <IconAlertTriangle size={14} stroke={1.6} aria-hidden />
      <span>
        {gaps > 0 && (
          <button type="button" className="link" onClick={() => invoke('slide.gaps')}>
            {plural(gaps, 'tile')} unread
          </button>
        )}
        {gaps > 0 && failed > 0 && ', '}
        {failed > 0 && `${plural(failed, 'patch', 'patches')} not computed`}
      </span>
    </span>
  );
}

function Selection() {
  const { stores } = useDesk();
  const selected = usePicked(stores.selection, (state) => state.selected !== undefined);
  const marked = usePicked(stores.selection, ({ brushed }) => brushed?.rows.length);
  if (!selected && marked === undefined) return null;
  return (
    <span>
      {[...(selected ? ['1 selected'] : []), ...(marked === undefined ? [] : [`${count(marked)} marked`])].join(' · ')}
    </span>
  );
}

function Device() {
  const { stores } = useDesk();
  const device = usePicked(stores.run, (state) => state.device);
  const running = usePicked(stores.run, ({ progress }) => progress !== undefined);
  const text = device ? device.name : running ? 'Starting' : 'Device: known after the first run';
  return (
    <Hint
      label={
        device?.whyNotGpu ??
        (device ? 'This device computed the last run' : 'A test patch decides which device computes correctly')
      }
    >
      <span className={css.push}>
        <IconCpu size={14} stroke={1.6} aria-hidden />
        <span data-testid="device" className={css.device}>
          {device ? `${text}${device.device === 'webgpu' ? ` · ${providerOf(device)}` : ''}` : text}
        </span>
      </span>
    </Hint>
  );
}

function Memory() {
  const { memory } = useDesk();
  const used = usePicked(memory, (state) => state.bytes);
  if (used === undefined) return null;
  return (
    <Hint label="What the browser says this tab holds, the GPU aside">
      <span className={css.wide}>Memory {bytes(used)}</span>
    </Hint>
  );
}

function Sent() {
  const { traffic } = useDesk();
  const sent = usePicked(traffic, ({ sentBytes }) => sentBytes);
  const hosts = usePicked(traffic, (state) => state.hosts);
  const asked = hosts.length === 0 ? 'No other host was contacted.' : `Read from: ${hosts.join(', ')}.`;
  return (
    <Hint label={`Counted: the bodies of all requests of this page. ${asked}`}>
      <span>
        <IconLock size={14} stroke={1.6} aria-hidden />
        <span data-testid="sent">Sent: {Number.isFinite(sent) ? bytes(sent) : 'a stream of unknown length'}</span>
      </span>
    </Hint>
  );
}
