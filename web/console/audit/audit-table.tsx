import { Fragment } from 'preact';
import { count, dateTime } from '../../shared/format.ts';
import { Table } from '../../shared/ui/table.tsx';
import { UTC } from '../desk.ts';
import type { AuditEntry } from '../model/audit-export.ts';
import { piecesOf } from '../model/stream-name.ts';
import { t } from '../text.ts';
import { Hash } from '../ui/hash.tsx';
import { When } from '../ui/when.tsx';

export function AuditTable({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <Table
      caption={t('audit.list')}
      captionHidden
      columns={[
        { label: t('column.at') },
        { label: t('audit.person') },
        { label: t('audit.purpose') },
        { label: t('audit.subjects'), align: 'end' },
        { label: t('audit.window') },
        { label: t('audit.principal') },
        { label: t('audit.stream') },
        { label: t('audit.hash') },
      ]}
      rows={entries.map((entry, i) => ({ key: `${entry.stream} ${entry.version} ${i}`, cells: cellsOf(entry) }))}
    />
  );
}

function cellsOf({ at, person, purpose, subjects, from, until, principal, stream, version, hash }: AuditEntry) {
  return [
    <When key="at" at={at} {...UTC} />,
    <span key="person" class={person === null ? 'soft nowrap' : 'nowrap'}>
      {person ?? t('history.service')}
    </span>,
    purpose,
    count(subjects),
    t('audit.window.span', { from: unbroken(from), until: unbroken(until) }),
    principal,
    <span key="stream">
      {piecesOf(stream).map((piece) => (
        <Fragment key={piece}>
          <span class="nowrap">{piece}</span>
          <wbr />
        </Fragment>
      ))}{' '}
      {version}
    </span>,
    <Hash key="hash" hash={hash} />,
  ];
}

/** In one line, whatever the width of its column. @param at ISO 8601 */
function unbroken(at: string): string {
  return dateTime(at, UTC).replaceAll(' ', '\u00a0');
}
