import type { Usage, UsageRow } from '../../../../api/customer-usage.ts';
import { offlineStore } from '../../../shared/browser.ts';
import { count, energy, energyNumber, money, percent } from '../../../shared/format.ts';
import { useLoad } from '../../../shared/load.ts';
import type { Caller, Reply } from '../../../shared/session.ts';
import { Bars } from '../../../shared/ui/bars.tsx';
import type { Bar } from '../../../shared/ui/bars-geometry.ts';
import { Empty } from '../../../shared/ui/empty.tsx';
import { LoadedView } from '../../../shared/ui/loaded-view.tsx';
import { Skeleton } from '../../../shared/ui/skeleton.tsx';
import { type Point, pointPath } from '../../view.ts';
import { namesOf } from './bucket-names.ts';
import { t } from './messages.ts';
import { type Bucket, bucketsOf, type Period, periodBeside } from './period.ts';
import { changeOf, sumOf, type Unit, usageBars, worths } from './usage-bars.ts';

const BEFORE = { day: 'beforeDay', week: 'beforeWeek', month: 'beforeMonth', year: 'beforeYear' } as const;

interface UsageChartProps {
  readonly caller: Caller;
  readonly point: Point;
  readonly period: Period;
  readonly unit: Unit;
  readonly isCompared: boolean;
}

/** The bars of one period, with its sum, beside the period before if wished. */
export function UsageChart({ caller, point, period, unit, isCompared }: UsageChartProps) {
  const before = periodBeside(period, -1);
  const usage = useLoad(() => ask(caller, point, period), [caller, point.usagePoint, period.from, period.until], {
    keep: { store: offlineStore, name: `usage:${point.usagePoint}:${period.kind}:${period.from}` },
  });
  const earlier = useLoad(
    () => (isCompared ? askRows(caller, point, before) : Promise.resolve<Reply<readonly UsageRow[]>>({ ok: true, body: [] })),
    [caller, point.usagePoint, before.from, before.until, isCompared],
  );
  const compared = earlier.state.value;
  const rowsBefore = isCompared && compared.state === 'ready' ? compared.value : undefined;
  return (
    <LoadedView of={usage} skeleton={<Skeleton lines={1} block />}>
      {(value, at) => <Shown usage={value} at={at} period={period} before={before} rowsBefore={rowsBefore} unit={unit} />}
    </LoadedView>
  );
}

function ask(caller: Caller, point: Point, { resolution, from, until }: Period): Promise<Reply<Usage>> {
  return caller.request<Usage>({ path: pointPath(point.usagePoint, 'usage'), query: { resolution, from, until } });
}

async function askRows(caller: Caller, point: Point, period: Period): Promise<Reply<readonly UsageRow[]>> {
  const reply = await ask(caller, point, period);
  return reply.ok ? { ok: true, body: reply.body.rows } : reply;
}

interface ShownProps {
  readonly usage: Usage;
  /** When it was fetched, UTC ms. */
  readonly at: number;
  readonly period: Period;
  readonly before: Period;
  readonly rowsBefore: readonly UsageRow[] | undefined;
  readonly unit: Unit;
}

function Shown({ usage, at, period, before, rowsBefore, unit }: ShownProps) {
  const { zone, currency, rows } = usage;
  const buckets = bucketsOf(period, zone);
  const worthBefore = rowsBefore && worths(bucketsOf(before, zone), rowsBefore, unit);
  const bars = usageBars({ buckets, rows, unit, names: namesOf(period, zone), now: at, ...(worthBefore && { before: worthBefore }) });
  const total = sumOf(bars.map(({ value }) => value));
  if (rows.length === 0) return <Empty title={t('nothing')}>{t('nothingHint')}</Empty>;
  if (total === null)
    return <Empty title={t(unit === 'money' ? 'noMoney' : 'nothing')}>{t(unit === 'money' ? 'noMoneyHint' : 'nothingHint')}</Empty>;
  const valueText = (value: number) => (unit === 'energy' ? energy(value) : money(BigInt(Math.round(value)), currency));
  const tickText = (value: number) =>
    unit === 'energy' ? axisEnergy(value) : money(BigInt(Math.round(value)), currency, { digits: axisDigits(bars) });
  const heads = { title: t('time'), value: t(unit === 'energy' ? 'used' : 'cost') };
  return (
    <>
      <Facts bars={bars} buckets={buckets} at={at} total={valueText(total)} rows={rows} isCompared={worthBefore !== undefined} />
      {period.kind === 'day' && buckets.length !== 24 && <p class="small soft">{t(buckets.length < 24 ? 'shortDay' : 'longDay')}</p>}
      <Bars
        caption={unit === 'energy' ? t('captionEnergy') : t('captionMoney', { currency })}
        bars={bars}
        valueText={valueText}
        tickText={tickText}
        heads={worthBefore === undefined ? heads : { ...heads, before: t(BEFORE[period.kind]) }}
        detailText={(bar) => detailOf(rows, bar)}
      />
    </>
  );
}

interface FactsProps {
  readonly bars: readonly Bar[];
  readonly buckets: readonly Bucket[];
  readonly at: number;
  readonly total: string;
  readonly rows: readonly UsageRow[];
  readonly isCompared: boolean;
}

function Facts({ bars, buckets, at, total, rows, isCompared }: FactsProps) {
  const fedIn = sumOf(rows.map(({ exportWh }) => exportWh));
  return (
    <dl class="totals">
      <div>
        <dt>{t('total')}</dt>
        <dd>{total}</dd>
      </div>
      {isCompared && (
        <div>
          <dt>{t('change')}</dt>
          <dd>{changeText(changeOf(bars, buckets, at))}</dd>
        </div>
      )}
      {fedIn !== null && (
        <div>
          <dt>{t('fedIn')}</dt>
          <dd>{energy(fedIn)}</dd>
        </div>
      )}
    </dl>
  );
}

function changeText(change: number | null): string {
  if (change === null) return t('notComparable');
  if (Math.abs(change) < 0.01) return t('same');
  return t(change > 0 ? 'more' : 'less', { share: percent(Math.abs(change)) });
}

function axisEnergy(wh: number): string {
  return wh === 0
    ? '0'
    : energyNumber(wh)
        .replace(/([.,]\d*?)0+$/, '$1')
        .replace(/[.,]$/, '');
}

function axisDigits(bars: readonly Bar[]): number {
  return Math.max(...bars.map(({ value }) => Math.abs(value ?? 0))) < 4_000_000 ? 2 : 0;
}

/** What the readings of a bar are worth, where not all were measured. */
function detailOf(rows: readonly UsageRow[], { key, mark }: Bar): string {
  const row = mark === 'measured' ? undefined : rows.find(({ start }) => Date.parse(start) === Number(key));
  if (row === undefined) return '';
  const { measured, estimated, missing } = row.quality;
  return t('quality', { measured: count(measured), estimated: count(estimated), missing: count(missing) });
}
