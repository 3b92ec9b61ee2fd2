import type { ChannelStanding } from '../../../api/days.ts';
import type { Preview } from '../../../api/edits.ts';
import { count, money, signed } from '../../shared/format.ts';
import { addDays } from '../../shared/local-date.ts';
import { Table } from '../../shared/ui/table.tsx';
import { daysText } from '../dates.ts';
import { SLOT_MARKS } from '../model/slots.ts';
import { t } from '../text.ts';
import { Status } from '../ui/status.tsx';
import { energyIn } from './slot-words.ts';

/** What saving would do to energy and money. */
export function PreviewView({ preview }: { preview: Preview }) {
  return (
    <div class="preview stack" role="status">
      <h3>{t('preview.title')}</h3>
      {preview.unchanged && <Status tone="idle">{t('preview.unchanged')}</Status>}
      {preview.needsSecondPerson && <Status tone="wait">{t('preview.second')}</Status>}
      <HeldLine preview={preview} />
      <p>{t('preview.slots', { n: preview.slots.length })}</p>
      <Table
        caption={t('preview.title')}
        captionHidden
        columns={[
          { label: t('preview.what') },
          { label: t('preview.before'), align: 'end' },
          { label: t('preview.after'), align: 'end' },
          { label: t('preview.difference'), align: 'end' },
        ]}
        rows={[...preview.before.flatMap((before) => channelRows(before, preview.after)), ...moneyRows(preview)]}
      />
      {preview.noMoneyBecause !== undefined && <p class="soft small">{t('preview.no-money', { why: preview.noMoneyBecause })}</p>}
      {(preview.money?.notFinal ?? 0) > 0 && <p class="soft small">{t('preview.not-final', { n: preview.money!.notFinal })}</p>}
    </div>
  );
}

function HeldLine({ preview: { heldBefore, heldAfter } }: { preview: Preview }) {
  if (heldBefore && heldAfter) return <Status tone="warn">{t('preview.held')}</Status>;
  if (heldBefore) return <Status tone="good">{t('preview.released')}</Status>;
  return heldAfter ? <Status tone="bad">{t('preview.holds')}</Status> : null;
}

function channelRows(before: ChannelStanding, all: readonly ChannelStanding[]) {
  const after = all.find(({ channel }) => channel === before.channel) ?? before;
  const told = (value: number) => energyIn(before.unit, value);
  const name = t('preview.energy', { direction: t(`day.direction.${before.direction}`) });
  return [
    row(`${before.channel} energy`, name, before.energyWh, after.energyWh, told),
    ...SLOT_MARKS.filter((what) => before[what] !== after[what]).map((what) =>
      row(`${before.channel} ${what}`, t(`mark.${what}`), before[what], after[what], count),
    ),
  ];
}

function row(key: string, name: string, before: number, after: number, told: (value: number) => string) {
  return { key, cells: [name, told(before), told(after), signed(after - before, told)] };
}

function moneyRows({ money: bill }: Preview) {
  if (bill === undefined) return [];
  const { currency, from, until, beforeMicro, afterMicro, differenceMicro } = bill;
  const cells = [
    t('preview.money', { period: daysText(from, addDays(until, -1)) }),
    money(beforeMicro, currency),
    money(afterMicro, currency),
    money(differenceMicro, currency, { signed: true }),
  ];
  return [{ key: 'money', cells }];
}
