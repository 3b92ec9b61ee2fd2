import { price, time, weekday } from '../../../shared/format.ts';
import { localDayOf } from '../../../shared/local-date.ts';
import { cheapestStretch, type ShownPrice } from '../../../shared/signed-price/shown.ts';
import { t } from './messages.ts';

const HOURS = [1, 2, 3] as const;

interface CheapestTimesProps {
  readonly upcoming: readonly ShownPrice[];
  /** UTC s. */
  readonly at: number;
  readonly zone: string;
}

/** When one, two or three hours of power cost least. */
export function CheapestTimes({ upcoming, at, zone }: CheapestTimesProps) {
  return (
    <div>
      <h3>{t('cheapest')}</h3>
      <p class="small soft">{t('cheapestHint')}</p>
      <dl class="facts cheapest">
        {HOURS.map((hours) => (
          <div key={hours}>
            <dt>{t('hours', { n: hours })}</dt>
            <Stretch upcoming={upcoming} hours={hours} at={at} zone={zone} />
          </div>
        ))}
      </dl>
    </div>
  );
}

function Stretch({ upcoming, hours, at, zone }: CheapestTimesProps & { readonly hours: number }) {
  const found = cheapestStretch(upcoming, hours, at);
  const currency = upcoming[0]?.currency;
  if (found === undefined || currency === undefined) return <dd class="soft">{t('notKnown')}</dd>;
  const [from, until] = [found.from * 1000, found.until * 1000];
  const isToday = localDayOf(from, zone) === localDayOf(at * 1000, zone);
  const begin = isToday ? time(from, { zone }) : `${weekday(from, { zone, style: 'short' })} ${time(from, { zone })}`;
  return (
    <>
      <dd>{t('stretch', { from: begin, until: time(until, { zone }) })}</dd>
      <dd class="soft">{t('average', { price: price(found.priceMicroPerKWh, currency, 3) })}</dd>
    </>
  );
}
