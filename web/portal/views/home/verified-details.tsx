import type { PriceClaims } from '../../../../events/price.ts';
import { count, time } from '../../../shared/format.ts';
import { Icon } from '../../../shared/ui/icon.tsx';
import { t } from './messages.ts';

/** What was checked, for whoever wants to know. */
export function VerifiedDetails({ live, zone }: { readonly live: PriceClaims; readonly zone: string }) {
  return (
    <details class="verified">
      <summary>
        <Icon name="tick" /> {t('verified')}
      </summary>
      <p class="small soft">{t('verifiedText', { time: time(live.iat * 1000, { zone }), number: count(live.seq) })}</p>
    </details>
  );
}
