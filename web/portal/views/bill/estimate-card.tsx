import type { BillEstimate } from '../../../../api/customer-account.ts';
import { offlineStore } from '../../../shared/browser.ts';
import { localDate, percent } from '../../../shared/format.ts';
import { useLoad } from '../../../shared/load.ts';
import { localDayOf } from '../../../shared/local-date.ts';
import { Card } from '../../../shared/ui/card.tsx';
import { Empty } from '../../../shared/ui/empty.tsx';
import { LoadedView } from '../../../shared/ui/loaded-view.tsx';
import { pointPath, type ViewProps } from '../../view.ts';
import { BillLines } from './bill-lines.tsx';
import { daysWords } from './days-words.ts';
import { EstimateFigures } from './estimate-figures.tsx';
import { t } from './messages.ts';
import { lastDayOf, progressOf } from './period.ts';

/** Share of the readings from which energy is told, and from which money is. */
const [ENERGY_FROM, MONEY_FROM] = [0.75, 0.95];

/** The billing period that is going on: what it costs so far and will, as far as the readings let that be said. */
export function EstimateCard({ caller, point: { usagePoint } }: ViewProps) {
  const estimate = useLoad(() => caller.request<BillEstimate>({ path: pointPath(usagePoint, 'bill-estimate') }), [caller, usagePoint], {
    keep: { store: offlineStore, name: `bill-estimate:${usagePoint}` },
  });
  return (
    <Card title={t('soFar')}>
      <LoadedView of={estimate}>{(value) => <Estimate estimate={value} />}</LoadedView>
    </Card>
  );
}

function Estimate({ estimate }: { readonly estimate: BillEstimate }) {
  const { shows, coverageBasisPoints, lines, currency } = estimate;
  const coverage = percent(coverageBasisPoints / 10_000);
  if (shows === 'nothing')
    return (
      <>
        <Progress estimate={estimate} />
        <Empty title={t('notEnough')}>{t('notEnoughText', { threshold: percent(ENERGY_FROM), percent: coverage })}</Empty>
      </>
    );
  return (
    <>
      <Progress estimate={estimate} />
      <EstimateFigures estimate={estimate} />
      {shows === 'energy' && <p>{t('energyOnly', { threshold: percent(MONEY_FROM), percent: coverage })}</p>}
      {shows === 'money' && lines.length > 0 && (
        <details class="disclosure">
          <summary>{t('how')}</summary>
          <BillLines caption={t('howCaption')} lines={lines} currency={currency} total={t('totalToDate')} />
        </details>
      )}
      <p class="small soft">
        {t('estimateNote')} {t('coverage', { percent: coverage })}.
      </p>
    </>
  );
}

function Progress({ estimate }: { readonly estimate: BillEstimate }) {
  const { from, zone, days } = estimate;
  const { left, share } = progressOf(estimate, localDayOf(Date.now(), zone));
  const passed = days - left;
  const rest = left === 0 ? t('over') : left === 1 ? t('lastDay') : t('daysLeft', { n: left });
  return (
    <div class="bill-progress">
      <p class="row">
        <span>{t('period', { from: localDate(from), until: localDate(lastDayOf(estimate)) })}</span>
        <strong>{rest}</strong>
      </p>
      <progress value={share} max={1} aria-label={t('progress')} aria-valuetext={rest} />
      {passed > 0 && <p class="small soft">{daysWords(estimate, passed)}</p>}
    </div>
  );
}
