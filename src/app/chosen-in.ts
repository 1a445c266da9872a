import type { Chosen, Slide } from '#slide/slide.ts';

/**
 * An address may end in #channel=2, #plane=3 or #channel=2&plane=3: the second channel, the third focal plane of a slide that
 * has several. The host never sees that part.
 */
export function chosenIn(address: string): { readonly from: string; readonly chosen: Chosen } {
  const [, from, said] = /^(.*)#((?:(?:channel|plane)=\d+&?)+)$/.exec(address) ?? [];
  if (from === undefined) return { from: address, chosen: {} };
  const params = new URLSearchParams(said);
  const at = (name: string): number | undefined => (params.has(name) ? Number(params.get(name)) - 1 : undefined);
  return { from, chosen: { channel: at('channel'), plane: at('plane') } };
}

/** The address that opens on what is shown of the slide, whatever is chosen for it later. */
export function withShown(address: string, { channels, planes }: Pick<Slide, 'channels' | 'planes'>): string {
  const said = [channels && `channel=${channels.shown + 1}`, planes && `plane=${planes.shown + 1}`].filter(Boolean);
  return said.length === 0 ? address : `${chosenIn(address).from}#${said.join('&')}`;
}
