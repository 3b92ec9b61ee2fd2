import { useState } from 'preact/hooks';
import type { SimilarHomes } from '../../../../api/customer-usage.ts';
import { energy, month, percent } from '../../../shared/format.ts';
import { useLoad } from '../../../shared/load.ts';
import { localDayOf, monthsOn } from '../../../shared/local-date.ts';
import { Card } from '../../../shared/ui/card.tsx';
import { Empty } from '../../../shared/ui/empty.tsx';
import { LoadedView } from '../../../shared/ui/loaded-view.tsx';
import { Table } from '../../../shared/ui/table.tsx';
import { Stepper } from '../../parts/stepper.tsx';
import { pointPath, type ViewProps } from '../../view.ts';
import { comparisonOf } from './comparison.ts';
import { t } from './messages.ts';
import { SimilarScale } from './similar-scale.tsx';

const MONTHS_BACK = 13;

/** A month of this home beside similar ones. The month that is going on has no comparison yet. */
export function SimilarCard({ caller, point: { usagePoint, zone, tenancies } }: ViewProps) {
  const newest = monthsOn(localDayOf(Date.now(), zone).slice(0, 7), -1);
  const [chosen, choose] = useState(newest);
  const began = tenancies.map(({ from }) => localDayOf(from, zone).slice(0, 7)).sort()[0] ?? '';
  const oldest = [monthsOn(newest, 1 - MONTHS_BACK), began].sort().at(-1)!;
  const similar = useLoad(
    () => caller.request<SimilarHomes>({ path: pointPath(usagePoint, 'similar'), query: { month: chosen } }),
    [caller, usagePoint, chosen],
  );
  return (
    <Card title={t('similar')}>
      <p class="soft prose">{t('similarIntro')}</p>
      <Stepper
        back={{ label: t('previous'), isClosed: chosen <= oldest }}
        on={{ label: t('next'), isClosed: chosen >= newest }}
        onStep={(by) => choose(monthsOn(chosen, by))}
      >
        <strong aria-live="polite">{nameOf(chosen)}</strong>
      </Stepper>
      <LoadedView of={similar}>{(value) => <Similar homes={value} />}</LoadedView>
    </Card>
  );
}

function nameOf(name: string): string {
  return month(`${name}-15T12:00:00Z`, { zone: 'UTC' });
}

function Similar({ homes }: { readonly homes: SimilarHomes }) {
  const { ownWh, similar } = homes;
  if (similar === null && ownWh === null) return <Empty title={t('noOwnTitle')}>{t('noOwn')}</Empty>;
  if (similar === null) return <Empty title={t('tooFew')}>{t('tooFewText')}</Empty>;
  const comparison = comparisonOf(homes);
  const rows = [
    { key: 'own', cells: [t('own'), ownWh === null ? '–' : energy(ownWh)] },
    { key: 'others', cells: [t('others'), energy(similar.meanWh)] },
  ];
  return (
    <>
      {comparison === undefined ? (
        <p>{t('noOwn')}</p>
      ) : (
        <p class="prose">
          <strong>{t(comparison.is, { percent: percent(Math.abs(comparison.beside)) })}</strong>
        </p>
      )}
      <figure class="similar-figure">
        <SimilarScale ownWh={ownWh} similar={similar} />
        <Table
          caption={t('similarCaption', { month: nameOf(homes.month) })}
          captionHidden
          columns={[{ label: t('home') }, { label: t('energy'), align: 'end' }]}
          rows={rows}
        />
        <figcaption class="small soft">{t('homes', { homes: similar.homes })}</figcaption>
      </figure>
    </>
  );
}
