// Which channel of a slide with several is shown, as grey, and between which stored values.
import { unhurried } from '#channel/waits.ts';
import { isAbort } from '#errors/failure.ts';
import type { Channels } from '#slide/slide.ts';
import css from '../styles/inspector.module.css';
import parts from '../styles/parts.module.css';
import { count } from '../words.ts';
import { useDesk } from '../workbench.ts';

export default function ChannelPick({ channels: { names, shown, low, high } }: { channels: Channels }) {
  const { slides } = useDesk();
  const choose = (channel: number): void => {
    slides.setChannel(channel, unhurried()).catch((thrown: unknown) => {
      if (!isAbort(thrown)) console.warn(thrown); // shown on screen as the slide store's problem
    });
  };
  return (
    <div className={css.p}>
      <select
        aria-label="Channel"
        className={parts.select}
        value={shown}
        onChange={(event) => choose(Number(event.currentTarget.value))}
      >
        {names.map((name, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a channel is its place; names may repeat
          <option key={index} value={index}>
            Channel {index + 1} of {names.length}
            {name !== `Channel ${index + 1}` && `: ${name}`}
          </option>
        ))}
      </select>
      <p className="t3" style={{ margin: '4px 0 8px' }}>
        Stored values up to {count(low)} are shown black, from {count(high)} on white. What is found or drawn is kept
        for each channel.
      </p>
    </div>
  );
}
