import type { Day } from '../../../api/days.ts';
import { addDays } from '../../shared/local-date.ts';
import { hrefOf } from '../../shared/router.ts';
import { weekdayText } from '../dates.ts';
import { type Channel, SLOT_MARKS } from '../model/slots.ts';
import { t } from '../text.ts';
import { Particulars } from '../ui/particulars.tsx';
import { ruleText } from '../ui/rule.ts';
import { Status } from '../ui/status.tsx';
import { energyIn } from './slot-words.ts';

/** Which day it is, how it stands, and the ways to its neighbours. */
export function DayHead({ day }: { day: Day }) {
  return (
    <header class="page-head">
      <div>
        <h1>
          {weekdayText(day.day)}
          {day.part > 1 && `, ${t('day.part', { part: day.part })}`}
        </h1>
        <p class="row">
          <code>{day.meterId}</code>
          <Status tone={day.state === 'final' ? 'good' : 'wait'}>{t(`day.state.${day.state}`)}</Status>
          {day.held && <Status tone="bad">{t('day.held')}</Status>}
          <span class="soft">{t('day.revision', { n: day.revision })}</span>
        </p>
      </div>
      <nav class="row" aria-label={t('meter.days')}>
        <a href={hrefOf(['meter', day.meterId, addDays(day.day, -1)])}>{t('day.before')}</a>
        <a href={hrefOf(['meter', day.meterId, addDays(day.day, 1)])}>{t('day.after')}</a>
        <a href={hrefOf(['meter', day.meterId])}>{t('day.back')}</a>
      </nav>
    </header>
  );
}

/** Sums and findings of a channel. */
export function ChannelFacts({ channel }: { channel: Channel }) {
  const findings = [...channel.dayErrors.map((rule) => [rule, 'E'] as const), ...channel.dayWarnings.map((rule) => [rule, 'W'] as const)];
  const facts = [
    [t('day.sum'), energyIn(channel.unit, channel.energyWh)],
    [t('day.register'), channel.registerWh === null ? t('day.register.none') : energyIn(channel.unit, channel.registerWh)],
    ...SLOT_MARKS.map((mark) => [t(`mark.${mark}`), String(channel[mark])] as const),
  ] as const;
  return (
    <>
      <Particulars facts={facts} />
      {findings.length > 0 && (
        <ul class="findings" aria-label={t('day.findings')}>
          {findings.map(([rule, grade]) => (
            <li key={rule}>
              <Status tone={grade === 'E' ? 'bad' : 'warn'}>{ruleText(rule, grade)}</Status>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
