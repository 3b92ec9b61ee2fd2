import { Card } from '../../../shared/ui/card.tsx';
import { t } from './messages.ts';

/** Passkeys live with the identity provider. @param page null = it has none */
export function PasskeysCard({ page }: { readonly page: string | null }) {
  return (
    <Card title={t('passkeys')}>
      <p class="prose">{t('passkeysText')}</p>
      {page === null ? (
        <p>{t('passkeysNone')}</p>
      ) : (
        <p>
          <a class="button" href={page} rel="noreferrer">
            {t('passkeysLink')}
          </a>
        </p>
      )}
    </Card>
  );
}
