// The model's panel: licence, size, figures, data, and its card as written.
import { useEffect, useState } from 'react';
import { FactRow } from '../inspector/trust-section.tsx';
import { modelFolder } from '../models.ts';
import { chosenManifest } from '../stores/models-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/sheet.module.css';
import { bytes, count } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { SheetFrame } from './sheet.tsx';

export default function ModelSheet() {
  const { stores } = useDesk();
  const manifest = usePicked(
    stores.models,
    (state) => state.manifests.find(({ id }) => id === state.about) ?? chosenManifest(state),
  );
  const card = useCard(manifest?.id);
  if (!manifest) return null;
  const { input, metrics, data } = manifest;
  return (
    <SheetFrame title={`${manifest.name} ${manifest.version}`}>
      <p className="t2">{manifest.summary}</p>
      <p className="warn" style={{ marginTop: 8 }}>
        For research only, not for diagnosis.
      </p>
      <h2>Terms</h2>
      <dl>
        <FactRow name="Licence" value={manifest.licence} />
        <FactRow name="Why" value={manifest.licenceNote} />
      </dl>
      <h2>Figures</h2>
      {metrics.length === 0 ? (
        <p className="t2">Its manifest gives none.</p>
      ) : (
        <table className={css.table}>
          <tbody>
            {metrics.map(({ name, value, ci }) => (
              <tr key={name}>
                <td>{name}</td>
                <td>
                  <span className="b">{value.toFixed(3)}</span>
                  {ci && (
                    <span className="t3">
                      {' '}
                      ({ci[0].toFixed(3)} to {ci[1].toFixed(3)})
                    </span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <h2>Network</h2>
      <dl>
        <FactRow name="Size" value={`${bytes(manifest.bytes)}, ${count(manifest.parameters)} parameters`} />
        {'mpp' in input ? (
          <>
            <FactRow name="Works at" value={`${input.mpp} µm a pixel, windows of ${input.window} px`} />
            <FactRow name="Cost" value={`${manifest.gflopPerMegapixel} GFLOP a megapixel`} />
          </>
        ) : (
          <FactRow
            name="Reads"
            value={`${input.channels} features a patch: ${input.encoder.output} of ${input.encoder.id}, SHA-256 ${input.encoder.sha256.slice(0, 8)}`}
          />
        )}
        <FactRow name="SHA-256" value={manifest.sha256} />
      </dl>
      <h2>Trained on</h2>
      <ul>
        {data.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {card !== undefined && (
        <>
          <h2>Card</h2>
          <pre className={css.card}>{card}</pre>
        </>
      )}
    </SheetFrame>
  );
}

/** The card's text; undefined until it is there, or where a model comes without. */
function useCard(id: string | undefined): string | undefined {
  const [card, setCard] = useState<string>();
  useEffect(() => {
    if (id === undefined) return;
    const left = new AbortController();
    fetch(`${modelFolder(id)}README.md`, { signal: left.signal })
      .then(async (response) => {
        const text = await response.text();
        setCard(response.ok && !text.trimStart().startsWith('<') ? text : undefined);
      })
      .catch(() => setCard(undefined)); // a model without a card shows its manifest alone
    return () => left.abort();
  }, [id]);
  return card;
}
