import { useEffect, useState } from 'react';
import { modelFolder, network } from '../models.ts';
import { type Card, parseCard } from './card.ts';

/** The card of a model; undefined until it is there, or where a model comes without. */
export function useCard(id: string | undefined): Card | undefined {
  const [card, setCard] = useState<{ readonly id: string; readonly card: Card | undefined }>();
  useEffect(() => {
    if (id === undefined) return;
    const left = new AbortController();
    network
      .fetch(`${modelFolder(id)}README.md`, { signal: left.signal })
      .then(async (response) => {
        const text = await response.text();
        const isPage = text.trimStart().startsWith('<'); // some hosts answer with their own page instead of 404
        setCard({ id, card: response.ok && !isPage ? parseCard(text) : undefined });
      })
      .catch(() => undefined); // left, or a model without a card: its manifest shows alone
    return () => left.abort();
  }, [id]);
  return card?.id === id ? card?.card : undefined;
}
