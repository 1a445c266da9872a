// Counts what this page sends: the bodies of fetch, XMLHttpRequest, sendBeacon and WebSocket, in the page itself.
// Eosin's workers only load their own code and never send; slides at an address are read by GET, which has no body.
import { createStore } from 'zustand/vanilla';

export interface TrafficState {
  readonly sentBytes: number;
  readonly hosts: readonly string[]; // other than this page's own, that were asked for something
}

/** Bytes of a request body; a stream's length is unknown and counts as it is not: Infinity, so that it cannot hide. */
export function sizeOf(body: unknown): number {
  if (body === null || body === undefined) return 0;
  if (typeof body === 'string') return new TextEncoder().encode(body).byteLength;
  if (body instanceof Blob) return body.size;
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return body.byteLength;
  if (body instanceof URLSearchParams) return body.toString().length;
  if (body instanceof FormData) {
    let sum = 0;
    for (const [name, value] of body.entries())
      sum += name.length + (typeof value === 'string' ? value.length : value.size);
    return sum;
  }
  return Number.POSITIVE_INFINITY;
}

/** Wraps the page's ways out. Call once, before anything else runs. */
export function watchTraffic(scope: Window & typeof globalThis = window) {
  const store = createStore<TrafficState>(() => ({ sentBytes: 0, hosts: [] }));
  const sent = (body: unknown): void => {
    const size = sizeOf(body);
    if (size > 0) store.setState(({ sentBytes }) => ({ sentBytes: sentBytes + size }));
  };
  const contacted = (url: string): void => {
    const { host, protocol } = new URL(url, scope.location.href);
    if (!protocol.startsWith('http') || host === scope.location.host) return;
    if (!store.getState().hosts.includes(host)) store.setState(({ hosts }) => ({ hosts: [...hosts, host] }));
  };

  const plainFetch = scope.fetch.bind(scope);
  scope.fetch = async (input, init) => {
    if (input instanceof Request && input.body && init?.body === undefined) sent(await input.clone().arrayBuffer());
    sent(init?.body);
    return plainFetch(input, init);
  };
  const plainSend = scope.XMLHttpRequest.prototype.send;
  scope.XMLHttpRequest.prototype.send = function send(body) {
    sent(body);
    plainSend.call(this, body);
  };
  const plainBeacon = scope.navigator.sendBeacon.bind(scope.navigator);
  scope.navigator.sendBeacon = (url, body) => {
    sent(body);
    return plainBeacon(url, body);
  };
  const plainSocket = scope.WebSocket.prototype.send;
  scope.WebSocket.prototype.send = function send(data) {
    sent(data);
    plainSocket.call(this, data);
  };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) contacted(entry.name);
  }).observe({ type: 'resource', buffered: true });
  return store;
}
export type TrafficStore = ReturnType<typeof watchTraffic>;
