import { type Channel, highestOf } from '../model/slots.ts';
import { t } from '../text.ts';
import { energyIn } from './slot-words.ts';

/** Which lane is which, and how high each is drawn. */
export function LaneNames({ channel }: { channel: Channel }) {
  return (
    <div class="lane-names small" aria-hidden="true">
      {(['raw', 'final'] as const).map((lane) => (
        <p key={lane}>
          <strong>{t(`day.lane.${lane}`)}</strong>
          <span class="soft">{t('day.lane.top', { energy: energyIn(channel.unit, highestOf(channel, lane)) })}</span>
        </p>
      ))}
    </div>
  );
}
