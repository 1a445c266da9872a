/** With a sign, as wide for either: '+0.31', '−0.08'. */
export const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
