import type { Overview } from '../../../api/console.ts';
import { ago, count, percent } from '../../shared/format.ts';
import { hrefOf } from '../../shared/router.ts';
import { Table } from '../../shared/ui/table.tsx';
import { dayText, instantText } from '../dates.ts';
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
      <p>{t('overview.validation.day', { day: dayText(day), n: days })}</p>
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

export function ExceptionsTile({ exceptions: { open, oldest, dueAt }, zone }: Pick<Overview, 'exceptions' | 'zone'>) {
  return (
    <>
      <p class="big">{t('overview.open', { n: open })}</p>
      {oldest !== null && dueAt !== null && (
        <>
          <p>{t('overview.oldest', { at: instantText(oldest, zone) })}</p>
          <ClockStatus clock={clockOf({ oldest, dueAt }, now.value)} />
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

export function SecurityTile({ security, quarantined }: Pick<Overview, 'security' | 'quarantined'>) {
  return (
    <>
      {security.length === 0 ? (
        <Status tone="good">{t('overview.security.none')}</Status>
      ) : (
        <Table
          caption={t('overview.security')}
          captionHidden
          columns={[{ label: t('overview.kind') }, { label: t('overview.count'), align: 'end' }]}
          rows={security.map(({ kind, count: refused }) => ({ key: kind, cells: [wordOf('security', kind), count(refused)] }))}
        />
      )}
      {quarantined > 0 && (
        <p>
          <a href={hrefOf(['devices'])}>{t('overview.quarantined', { n: quarantined })}</a>
        </p>
      )}
      <p class="soft small">{t('overview.security.about')}</p>
    </>
  );
}

/** Queues with something in them; all of them on demand. */
export function DeadLettersTile({ queues }: { queues: Overview['deadLetters'] }) {
  const busy = queues.filter(({ waiting, failed }) => waiting + failed > 0);
  return (
    <>
      {busy.length === 0 ? <Status tone="good">{t('overview.queues.empty', { n: queues.length })}</Status> : <QueueTable queues={busy} />}
      {busy.length < queues.length && (
        <details>
          <summary>{t('overview.queues.all')}</summary>
          <QueueTable queues={queues} />
        </details>
      )}
    </>
  );
}

function QueueTable({ queues }: { queues: Overview['deadLetters'] }) {
  return (
    <Table
      caption={t('overview.dead')}
      captionHidden
      columns={[
        { label: t('overview.queue') },
        { label: t('overview.waiting'), align: 'end' },
        { label: t('overview.failed'), align: 'end' },
      ]}
      rows={queues.map(({ queue, waiting, failed }) => ({
        key: queue,
        cells: [queue, count(waiting), failed === 0 ? '0' : <Status tone="bad">{count(failed)}</Status>],
      }))}
    />
  );
}

export function FeedsTile({ feeds }: Pick<Overview, 'feeds'>) {
  return (
    <Table
      caption={t('overview.feeds')}
      captionHidden
      columns={[
        { label: t('overview.feed') },
        { label: t('overview.behind'), align: 'end' },
        { label: t('overview.newest'), align: 'end' },
      ]}
      rows={feeds.map(({ feed, behind, newest }) => ({
        key: feed,
        cells: [
          feed,
          behind === 0 ? t('overview.level') : <Status tone="warn">{count(behind)}</Status>,
          newest === null ? t('none') : ago(Date.parse(newest), now.value),
        ],
      }))}
    />
  );
}
