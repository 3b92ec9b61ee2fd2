import { count } from '../../shared/format.ts';
import { Banner } from '../../shared/ui/banner.tsx';
import { Table } from '../../shared/ui/table.tsx';
import { dayText, instantText } from '../dates.ts';
import type { FeederArea, FeederDay, FeederLimits } from '../model/feeders.ts';
import { t } from '../text.ts';
import { Panel } from '../ui/panel.tsx';
import { Status } from '../ui/status.tsx';
import { feederNames } from './area-table.tsx';
import { lossCells, lossColumns } from './loss-cells.tsx';

interface AreaDaysProps {
  readonly area: FeederArea;
  readonly zone: string;
  readonly limits: FeederLimits;
}

/** One area: what is unusual, and its days, the newest on top. */
export function AreaDays({ area, zone, limits }: AreaDaysProps) {
  const title = t('feeders.days', { area: feederNames(area) });
  return (
    <Panel title={title} wide>
      <Unusual area={area} zone={zone} />
      <Table
        caption={title}
        captionHidden
        columns={[
          { label: t('column.day') },
          ...lossColumns(),
          { label: t('feeders.compared'), align: 'end' },
          { label: t('feeders.left-out'), align: 'end' },
          { label: t('feeders.doubted'), align: 'end' },
        ]}
        rows={area.days.toReversed().map((day) => ({ key: day.day, cells: cellsOf(day, limits) }))}
      />
      <p class="soft small">{t('feeders.left-out.about')}</p>
    </Panel>
  );
}

function Unusual({ area: { doubt, withoutHead, intervalMinutes }, zone }: Omit<AreaDaysProps, 'limits'>) {
  if (doubt === null) return withoutHead.length === 0 ? null : <p>{t('feeders.without', { names: withoutHead.join(', ') })}</p>;
  const { causes, since, until, intervals, goesOn } = doubt;
  const words = {
    ...{ n: intervals, minutes: intervalMinutes, since: instantText(since, zone), until: instantText(until, zone) },
    causes: causes.map((cause) => t(`doubt.${cause}`)).join('; '),
  };
  return (
    <Banner tone={goesOn ? 'warning' : 'info'}>
      <p>{t('feeders.doubt', words)}</p>
      <p>{t('feeders.doubt.value')}</p>
    </Banner>
  );
}

function cellsOf(day: FeederDay, limits: FeederLimits) {
  return [
    <span key="day" class="nowrap">
      {dayText(day.day)}
    </span>,
    ...lossCells([day], limits),
    count(day.compared),
    count(day.leftOut),
    day.doubted === 0 ? '0' : <Status tone="bad">{count(day.doubted)}</Status>,
  ];
}
