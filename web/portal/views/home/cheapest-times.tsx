import { price, time } from '../../../shared/format.ts';
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
      <dl class="facts">
        {HOURS.map((hours) => (
          <div key={hours}>
            <dt>{t('hours', { n: hours })}</dt>
            <dd>{textOf(upcoming, hours, at, zone)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function textOf(upcoming: readonly ShownPrice[], hours: number, at: number, zone: string): string {
  const found = cheapestStretch(upcoming, hours, at);
  const currency = upcoming[0]?.currency;
  if (found === undefined || currency === undefined) return t('notKnown');
  const stretch = t('stretch', { from: time(found.from * 1000, { zone }), until: time(found.until * 1000, { zone }) });
  return `${stretch} · ${t('average', { price: price(found.priceMicroPerKWh, currency) })}`;
}
