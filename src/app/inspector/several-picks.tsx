// What of a slide with several channels or focal planes is shown. Slides of stains have neither: this comes with the first.
import type { Channels, FocalPlanes } from '#slide/slide.ts';
import { ChannelPick } from './channel-pick.tsx';
import { PlanePick } from './plane-pick.tsx';

export default function SeveralPicks(props: {
  readonly channels: Channels | undefined;
  readonly planes: FocalPlanes | undefined;
}) {
  const { channels, planes } = props;
  return (
    <>
      {channels && <ChannelPick channels={channels} />}
      {planes && <PlanePick planes={planes} />}
    </>
  );
}
