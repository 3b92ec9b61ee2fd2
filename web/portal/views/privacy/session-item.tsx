import type { SessionList } from '../../../../api/session.ts';
import { ago, dateTime } from '../../../shared/format.ts';
import { Button } from '../../../shared/ui/button.tsx';
import { DeviceName } from './device-name.tsx';
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
        <DeviceName device={device} current={current} />
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
