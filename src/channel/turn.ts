/** Others have their turn: messages, frames, a cancel that overtakes. */
export const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
