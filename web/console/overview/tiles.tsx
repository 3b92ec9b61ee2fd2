import type { Overview } from '../../../api/console.ts';
import { ago, count, dateTime, localDate, percent } from '../../shared/format.ts';
import { now } from '../desk.ts';
import { clockOf } from '../model/cause.ts';
import { t, wordOf } from '../text.ts';
import { ClockStatus } from '../ui/clock.tsx';
import { Status } from '../ui/status.tsx';

const BASIS = 10_000;

export function ValidationTile({ validation }: Pick<Overview, 'validation'>) {
  if (validation === null) return <p>{t('overview.validation.none')}</p>;
  const { day, days, passed, estimated, edited, missing, held } = validation;
  return (
    <>
      <p>{t('overview.validation.day', { day: localDate(day), n: days })}</p>
      <dl class="figures">
        <Figure name={t('overview.passed')} value={percent(passed / BASIS, { digits: 2 })} />
        <Figure name={t('overview.estimated')} value={percent(estimated / BASIS, { digits: 2 })} />
        <Figure name={t('overview.edited')} value={percent(edited / BASIS, { digits: 2 })} />
        <Figure name={t('overview.missing')} value={percent(missing / BASIS, { digits: 2 })} />
        <Figure name={t('overview.held')} value={count(held)} />
      </dl>
    </>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

export function ExceptionsTile({ exceptions: { open, oldest }, zone }: Pick<Overview, 'exceptions' | 'zone'>) {
  return (
    <>
      <p class="big">{t('overview.open', { n: open })}</p>
      {oldest !== null && (
        <>
          <p>{t('overview.oldest', { at: dateTime(oldest, { zone }) })}</p>
          <ClockStatus clock={clockOf(oldest, now.value)} />
        </>
      )}
    </>
  );
}

export function CertificatesTile({ certificates: { expiring, expired, withinDays } }: Pick<Overview, 'certificates'>) {
  const fine = expiring === 0 && expired === 0;
  return (
    <ul class="plain">
      {fine && (
        <li>
          <Status tone="good">{t('overview.certificates.fine', { days: withinDays })}</Status>
        </li>
      )}
      {expiring > 0 && (
        <li>
          <Status tone="warn">{t('overview.expiring', { n: expiring, days: withinDays })}</Status>
        </li>
      )}
      {expired > 0 && (
        <li>
          <Status tone="bad">{t('overview.expired', { n: expired })}</Status>
        </li>
      )}
    </ul>
  );
}

export function SecurityTile({ security }: Pick<Overview, 'security'>) {
  if (security.length === 0) return <Status tone="good">{t('overview.security.none')}</Status>;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('overview.kind')}</th>
          <th scope="col">{t('overview.count')}</th>
        </tr>
      </thead>
      <tbody>
        {security.map(({ kind, count: refused }) => (
          <tr key={kind}>
            <th scope="row">{wordOf('security', kind)}</th>
            <td class="number">{count(refused)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function DeadLettersTile({ queues }: { queues: Overview['deadLetters'] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('overview.queue')}</th>
          <th scope="col">{t('overview.waiting')}</th>
          <th scope="col">{t('overview.failed')}</th>
        </tr>
      </thead>
      <tbody>
        {queues.map(({ queue, waiting, failed }) => (
          <tr key={queue}>
            <th scope="row">{queue}</th>
            <td class="number">{count(waiting)}</td>
            <td class="number">{failed === 0 ? '0' : <Status tone="bad">{count(failed)}</Status>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function FeedsTile({ feeds }: Pick<Overview, 'feeds'>) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('overview.feed')}</th>
          <th scope="col">{t('overview.behind')}</th>
          <th scope="col">{t('overview.newest')}</th>
        </tr>
      </thead>
      <tbody>
        {feeds.map(({ feed, behind, newest }) => (
          <tr key={feed}>
            <th scope="row">{feed}</th>
            <td class="number">{behind === 0 ? t('overview.level') : <Status tone="warn">{count(behind)}</Status>}</td>
            <td>{newest === null ? t('none') : ago(Date.parse(newest), now.value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
