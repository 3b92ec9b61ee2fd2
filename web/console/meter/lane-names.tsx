import { type Channel, highestOf } from '../model/slots.ts';
import { t } from '../text.ts';
import { energyIn } from './slot-words.ts';

/** Which lane is which, and how high both are drawn. */
export function LaneNames({ channel }: { channel: Channel }) {
  const top = t('day.lane.top', { energy: energyIn(channel.unit, highestOf(channel)) });
  return (
    <div class="lane-names small" aria-hidden="true">
      {([t('day.lane.raw'), t('day.lane.final')] as const).map((name) => (
        <p key={name}>
          <strong>{name}</strong>
          <span class="soft">{top}</span>
        </p>
      ))}
    </div>
  );
}
