import type { SessionList } from '../../../../api/session.ts';
import { ago, dateTime } from '../../../shared/format.ts';
import { Button } from '../../../shared/ui/button.tsx';
import { methodWords, t } from './messages.ts';

export type OpenSession = SessionList['sessions'][number];

interface SessionItemProps {
  readonly of: OpenSession;
  readonly zone: string;
  readonly onEnd: () => void;
}

/** One browser. The one in front of the customer is ended by signing out. */
export function SessionItem({ of: { device, current, signedInAt, lastUsedAt, endsAt, method }, zone, onEnd }: SessionItemProps) {
  return (
    <li class="session">
      <div>
        <p class="row">
          <strong>{device}</strong>
          {current && <span class="badge">{t('current')}</span>}
        </p>
        <p class="soft small">
          {t('signedIn', { when: dateTime(signedInAt, { zone }) })}, {methodWords(method)}.{' '}
          {t('lastUsed', { when: ago(Date.parse(lastUsedAt), Date.now()) })}. {t('endsBy', { when: dateTime(endsAt, { zone }) })}.
        </p>
      </div>
      {!current && (
        <Button label={t('endOf', { device })} onClick={onEnd}>
          {t('end')}
        </Button>
      )}
    </li>
  );
}
