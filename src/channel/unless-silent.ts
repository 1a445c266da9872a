const TICKS = 4; // a computer that sleeps counts as one of them, and not as silence

/**
 * What a worker is asked, as it comes. A worker that hangs, or that the browser ended, tells nothing by itself.
 * @param silent called once, with the reason, where nothing came for so long; it makes `answer` reject
 */
export async function unlessSilent<T>(
  answer: Promise<T>,
  seconds: number,
  silent: (reason: string) => void,
): Promise<T> {
  let ticks = 0;
  const tick = (): void => {
    if (++ticks === TICKS) silent(`it gave no answer for ${seconds} s`);
  };
  const clock = setInterval(tick, (1000 * seconds) / TICKS);
  try {
    return await answer;
  } finally {
    clearInterval(clock);
  }
}
