import type { ConsentRequest } from '../../../../../api/customer-account.ts';
import { Icon } from '../../../../shared/ui/icon.tsx';
import { words } from '../data-words.ts';
import { t } from './messages.ts';

/** What a yes does not give away: what was not asked for, and what nobody gets. */
export function NotShared({ classes }: { readonly classes: ConsentRequest['notShared'] }) {
  const lines = [...classes.map((one) => t('notAsked', { data: words(`class.${one}`) })), t('identity'), t('meter'), t('finer')];
  return (
    <div>
      <h2 class="consent-part">{t('notShared')}</h2>
      <ul class="consent-not">
        {lines.map((line) => (
          <li key={line}>
            <Icon name="shield" />
            {line}
          </li>
        ))}
      </ul>
    </div>
  );
}
