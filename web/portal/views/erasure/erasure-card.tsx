import type { Erasure } from '../../../../api/customer-account.ts';
import { date } from '../../../shared/format.ts';
import { useLoad } from '../../../shared/load.ts';
import { hrefOf } from '../../../shared/router.ts';
import { Card } from '../../../shared/ui/card.tsx';
import { LoadedView } from '../../../shared/ui/loaded-view.tsx';
import type { ViewProps } from '../../view.ts';
import { t } from './messages.ts';
import { standingOf } from './standing.ts';

/** The way to the end of the customer's data, and where it is when it was asked for. @source X.1332 10.3 */
export function ErasureCard({ caller, point: { zone } }: ViewProps) {
  const erasure = useLoad(() => caller.request<Erasure>({ path: '/v1/me/erasure' }), [caller]);
  return (
    <Card title={t('title')}>
      <LoadedView of={erasure}>
        {(found) => {
          const { requestedAt } = found;
          const standing = standingOf(found);
          const isAsked = standing !== 'none' && requestedAt !== null;
          return (
            <>
              <p class="prose">{isAsked ? t('cardAsked', { when: date(requestedAt, { zone }) }) : t('cardText')}</p>
              {isAsked && (
                <p>
                  <span class="badge">{t(`is.${standing}`)}</span>
                </p>
              )}
              <p>
                <a class="button" href={hrefOf(['erasure'])}>
                  {t(isAsked ? 'cardAskedLink' : 'cardLink')}
                </a>
              </p>
            </>
          );
        }}
      </LoadedView>
    </Card>
  );
}
