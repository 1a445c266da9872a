/** Listeners by event name; a listener that leaves while an event is told is not called again. */
export class Emitter<Events> {
  #listeners: { [E in keyof Events]?: Set<(value: Events[E]) => void> } = {};

  on<E extends keyof Events>(event: E, listener: (value: Events[E]) => void): () => void {
    const listeners = this.#of(event);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  emit<E extends keyof Events>(event: E, value: Events[E]): void {
    for (const listener of [...this.#of(event)]) if (this.#of(event).has(listener)) listener(value);
  }

  has(event: keyof Events): boolean {
    return this.#of(event).size > 0;
  }

  clear(): void {
    this.#listeners = {};
  }

  #of<E extends keyof Events>(event: E): Set<(value: Events[E]) => void> {
    const found = this.#listeners[event] ?? new Set<(value: Events[E]) => void>();
    this.#listeners[event] = found;
    return found;
  }
}
