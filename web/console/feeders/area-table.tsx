import { hrefOf } from '../../shared/router.ts';
import { Table } from '../../shared/ui/table.tsx';
import { instantText } from '../dates.ts';
import { type FeederArea, type FeederLimits, type FeederState, feederState } from '../model/feeders.ts';
import { t } from '../text.ts';
import { Status, type Tone } from '../ui/status.tsx';
import { lossCells, lossColumns } from './loss-cells.tsx';

interface AreaTableProps {
  readonly areas: readonly FeederArea[];
  /** Area of which the days are shown. */
  readonly chosen: string;
  readonly zone: string;
  readonly limits: FeederLimits;
}

/** Each area over all of its days. */
export function AreaTable({ areas, chosen, zone, limits }: AreaTableProps) {
  return (
    <Table
      caption={t('feeders.all')}
      captionHidden
      columns={[{ label: t('feeders.area') }, { label: t('column.status') }, ...lossColumns()]}
      rows={areas.map((area) => ({ key: area.area, cells: cellsOf(area, { chosen, zone, limits }) }))}
    />
  );
}

function cellsOf(area: FeederArea, { chosen, zone, limits }: Omit<AreaTableProps, 'areas'>) {
  return [
    <a key="area" href={hrefOf(['feeders', area.area])} aria-current={area.area === chosen ? 'true' : undefined}>
      {feederNames(area)}
    </a>,
    <AreaStatus key="status" area={area} zone={zone} />,
    ...lossCells(area.days, limits),
  ];
}

/** E.g. `harbour, hill with mill`. */
export function feederNames({ feeders }: Pick<FeederArea, 'feeders'>): string {
  if (feeders.length < 2) return feeders.join('');
  return t('feeders.and', { names: feeders.slice(0, -1).join(', '), last: feeders.at(-1)! });
}

const TONES = { doubted: 'bad', over: 'warn', headless: 'idle', silent: 'wait', fine: 'good' } as const satisfies Record<FeederState, Tone>;

function AreaStatus({ area, zone }: { area: FeederArea; zone: string }) {
  const state = feederState(area);
  return <Status tone={TONES[state]}>{wordsOf(state, area, zone)}</Status>;
}

function wordsOf(state: FeederState, { doubt, withoutHead }: FeederArea, zone: string): string {
  if (doubt !== null) {
    const since = instantText(doubt.since, zone);
    if (!doubt.goesOn) return t('feeders.state.over', { until: instantText(doubt.until, zone) });
    return t(doubt.mayBeOlder ? 'feeders.state.older' : 'feeders.state.doubted', { since });
  }
  if (state === 'headless') return t('feeders.state.headless', { n: withoutHead.length });
  return t(state === 'silent' ? 'feeders.state.silent' : 'feeders.state.fine');
}
