// Class logits to probabilities, losses and gradients; few columns, so plain loops do.

/** In place; `temperature` divides the logits. */
export function softmaxRows(logits: Float32Array, classes: number, temperature = 1): void {
  for (let at = 0; at < logits.length; at += classes) {
    let most = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < classes; k++) most = Math.max(most, logits[at + k] ?? 0);
    let sum = 0;
    for (let k = 0; k < classes; k++) {
      const power = Math.exp(((logits[at + k] ?? 0) - most) / temperature);
      logits[at + k] = power;
      sum += power;
    }
    for (let k = 0; k < classes; k++) logits[at + k] = (logits[at + k] ?? 0) / sum;
  }
}

/**
 * Logits become the gradient of the mean weighted cross entropy by them.
 * @param targets [rows × classes] sum to 1 in a row
 * @param weights [classes]; a row counts by the weight of its target, mixed as the target is
 * @returns the mean loss
 */
export function crossEntropyGradient(
  logits: Float32Array,
  targets: Float32Array,
  weights: Float32Array,
  classes: number,
): number {
  const rows = logits.length / classes;
  softmaxRows(logits, classes);
  let loss = 0;
  for (let at = 0; at < logits.length; at += classes) {
    let weight = 0;
    for (let k = 0; k < classes; k++) weight += (targets[at + k] ?? 0) * (weights[k] ?? 0);
    for (let k = 0; k < classes; k++) {
      const [probability, target] = [logits[at + k] ?? 0, targets[at + k] ?? 0];
      if (target > 0) loss -= (weight * target * Math.log(Math.max(probability, 1e-30))) / rows;
      logits[at + k] = (weight * (probability - target)) / rows;
    }
  }
  return loss;
}

/** Mean cross entropy of hard labels; rows of class k count weights[k]. */
export function crossEntropy(
  logits: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
  temperature = 1,
  weights?: Float32Array,
): number {
  let [loss, all] = [0, 0];
  for (let i = 0; i < labels.length; i++) {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    const most = Math.max(...row);
    const sum = row.reduce((total, logit) => total + Math.exp((logit - most) / temperature), 0);
    const weight = weights?.[labels[i] ?? 0] ?? 1;
    loss += weight * (Math.log(sum) - ((row[labels[i] ?? 0] ?? 0) - most) / temperature);
    all += weight;
  }
  return loss / all;
}

const COLDEST = 0.25; // a validation set without an error would ask for ever surer probabilities
const HOTTEST = 20;

/** What the logits are to be divided by so that probabilities mean what they say (Guo et al. 2017), by golden section. */
export function temperatureOf(logits: Float32Array, labels: ArrayLike<number>, classes: number): number {
  const loss = (log: number): number => crossEntropy(logits, labels, classes, Math.exp(log));
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(COLDEST), Math.log(HOTTEST)];
  for (let round = 0; round < 40; round++) {
    const [a, b] = [high - golden * (high - low), low + golden * (high - low)];
    if (loss(a) < loss(b)) high = b;
    else low = a;
  }
  return Math.exp((low + high) / 2);
}
