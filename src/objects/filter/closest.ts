/** The word that a misspelt one was probably meant to be: it begins so, or few letters differ. */
export function closestTo(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.min(word.length, Math.max(3, Math.floor(word.length / 3) + 1));
  if (word.length > 2) best = known.find((candidate) => candidate.toLowerCase().startsWith(word.toLowerCase()));
  if (best !== undefined) return best;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance >= least) continue;
    best = candidate;
    least = distance;
  }
  return best;
}

/** Levenshtein's: insertions, deletions and changes of one letter. */
function editDistance(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, k) => k);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let k = 1; k <= b.length; k++) {
      const change = (before[k - 1] ?? 0) + (a[i - 1] === b[k - 1] ? 0 : 1);
      row.push(Math.min(change, (before[k] ?? 0) + 1, (row[k - 1] ?? 0) + 1));
    }
    before = row;
  }
  return before[b.length] ?? 0;
}
