// Stains are measured when somebody asks: the slide's pixels have to be looked at.
import { unhurried } from '#channel/waits.ts';
import type { Density } from '#stain/vectors.ts';
import type { ObjectLayer } from '../stores/layers-store.ts';
import css from '../styles/inspector.module.css';
import own from '../styles/measures.module.css';
import parts from '../styles/parts.module.css';
import { percent } from '../words.ts';
import { useMeasured, useMeasures } from './measures-context.tsx';

export function StainsPart({ kind, missing }: { kind: ObjectLayer; missing: boolean }) {
  const session = useMeasures();
  const working = useMeasured((state) => state.working);
  const vectors = useMeasured((state) => state.vectors);
  const from = useMeasured((state) => state.vectorsFrom);
  const set = (stain: 'haematoxylin' | 'eosin', channel: number, value: number): void =>
    void session.attempt(async () => {
      const density = vectors[stain].map((part, k) => (k === channel ? value : part));
      const [red = 0, green = 0, blue = 0] = density;
      session.setVectors({ ...vectors, [stain]: [red, green, blue] });
    });
  return (
    <div className={css.gap}>
      <div className={css.p}>
        <select
          className={parts.select}
          aria-label="Stain vectors"
          value={from}
          disabled={working !== undefined}
          onChange={({ target: { value } }) => {
            if (value === 'published') session.publishedVectors();
            else if (value === 'slide') void session.attempt(() => session.estimateVectors(unhurried()));
            else session.setVectors(vectors);
          }}
        >
          <option value="published">Ruifrok and Johnston's vectors</option>
          <option value="slide">This slide's, by Macenko's method</option>
          <option value="hand">My own</option>
        </select>
      </div>
      {from !== 'published' && (
        <table className={`${css.table} ${css.gap}`}>
          <thead>
            <tr>
              <th>Optical density</th>
              <th className={css.n}>Red</th>
              <th className={css.n}>Green</th>
              <th className={css.n}>Blue</th>
            </tr>
          </thead>
          <tbody>
            <Stain
              name="Haematoxylin"
              density={vectors.haematoxylin}
              onSet={from === 'hand' ? (k, v) => set('haematoxylin', k, v) : undefined}
            />
            <Stain
              name="Eosin"
              density={vectors.eosin}
              onSet={from === 'hand' ? (k, v) => set('eosin', k, v) : undefined}
            />
          </tbody>
        </table>
      )}
      {working ? (
        <div className={`${own.buttons} row`}>
          <span className="t2 grow">
            {working.what}
            {working.share === undefined ? '' : `, ${percent(working.share)}`}
          </span>
          <button type="button" className={`${parts.button} ${parts.small}`} onClick={() => session.stopReading()}>
            Stop
          </button>
        </div>
      ) : (
        missing && (
          <div className={css.p} style={{ marginTop: 8 }}>
            <button
              type="button"
              className={`${parts.button} ${parts.wide}`}
              onClick={() => void session.attempt(() => session.measureStains(kind, unhurried()))}
            >
              Measure stains
            </button>
            <p className="t3" style={{ marginTop: 6 }}>
              Reads the slide under the objects once, about as long as looking at it there.
            </p>
          </div>
        )
      )}
    </div>
  );
}

const CHANNELS = ['red', 'green', 'blue'] as const;

function Stain(props: {
  readonly name: string;
  readonly density: Density;
  readonly onSet: ((channel: number, value: number) => void) | undefined;
}) {
  const { name, density, onSet } = props;
  return (
    <tr>
      <td>{name}</td>
      {CHANNELS.map((channel, k) => (
        <td key={channel} className={css.n}>
          {onSet ? (
            <input
              key={density[k]}
              className={parts.field}
              style={{ width: 52, height: 24, textAlign: 'right' }}
              aria-label={`${name}, ${channel}`}
              defaultValue={density[k]?.toFixed(3)}
              inputMode="decimal"
              onBlur={({ target: { value } }) => value !== density[k]?.toFixed(3) && onSet(k, Number(value))}
              onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
            />
          ) : (
            density[k]?.toFixed(3)
          )}
        </td>
      ))}
    </tr>
  );
}
