import { useSignal } from '@preact/signals';
import { Fragment } from 'preact';
import { count } from '../../shared/format.ts';
import { instantText } from '../dates.ts';
import { UTC } from '../desk.ts';
import { type AlikeRun, alikeRuns, extentOf, keyOf } from '../model/alike.ts';
import type { AuditEntry } from '../model/audit-export.ts';
import { piecesOf } from '../model/stream-name.ts';
import { t } from '../text.ts';
import { CardTable } from '../ui/card-table.tsx';
import { Hash } from '../ui/hash.tsx';
import { When } from '../ui/when.tsx';

/** Accesses in the order of the record; those that are alike are one row with their number, which opens to each of them. */
export function AuditTable({ entries }: { entries: readonly AuditEntry[] }) {
  const opened = useSignal<ReadonlySet<string>>(new Set());
  const toggle = (key: string) => {
    const next = new Set(opened.value);
    if (!next.delete(key)) next.add(key);
    opened.value = next;
  };
  return (
    <CardTable
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
      rows={alikeRuns(entries).flatMap((run) => rowsOf(run, opened.value.has(keyOf(run)), toggle))}
    />
  );
}

function rowsOf(run: AlikeRun, isOpen: boolean, toggle: (key: string) => void) {
  const key = keyOf(run);
  if (run.length === 1) return [{ key, cells: cellsOf(run[0]) }];
  const head = { key: `${key} run`, cells: runCells(run, isOpen, () => toggle(key)) };
  return isOpen ? [head, ...run.map((entry) => ({ key: keyOf([entry]), look: 'inside', cells: cellsOf(entry) }))] : [head];
}

function cellsOf(entry: AuditEntry) {
  const { at, subjects, from, until, stream, version, hash } = entry;
  return [
    <When key="at" at={at} {...UTC} />,
    ...whoCells(entry),
    count(subjects),
    t('audit.window.span', { from: unbroken(from), until: unbroken(until) }),
    entry.principal,
    <Place key="place" stream={stream} versions={String(version)} />,
    <Hash key="hash" hash={hash} />,
  ];
}

/** What holds for all of them. */
function runCells(run: AlikeRun, isOpen: boolean, onToggle: () => void) {
  const [first] = run;
  const { subjects, from, until, versions, hash } = extentOf(run);
  const [fewest, most] = [count(subjects[0]), count(subjects[1])];
  return [
    <Fragment key="at">
      <When at={first.at} {...UTC} />{' '}
      <button type="button" class="opens nowrap" aria-expanded={isOpen} onClick={onToggle}>
        {t('audit.shown', { n: run.length })}
      </button>
    </Fragment>,
    ...whoCells(first),
    t('audit.each', { subjects: fewest === most ? most : t('audit.range', { first: fewest, last: most }) }),
    t('audit.window.within', { from: unbroken(from), until: unbroken(until) }),
    first.principal,
    <Place key="place" stream={first.stream} versions={t('audit.range', { first: versions[0], last: versions[1] })} />,
    <Hash key="hash" hash={hash} />,
  ];
}

function whoCells({ person, purpose }: AuditEntry) {
  return [
    <span key="person" class={person === null ? 'soft nowrap' : 'nowrap'}>
      {person ?? t('history.service')}
    </span>,
    purpose,
  ];
}

function Place({ stream, versions }: { stream: string; versions: string }) {
  return (
    <>
      {piecesOf(stream).map((piece) => (
        <Fragment key={piece}>
          <span class="nowrap">{piece}</span>
          <wbr />
        </Fragment>
      ))}{' '}
      <span class="nowrap">{versions}</span>
    </>
  );
}

/** In one line, whatever the width of its column. @param at ISO 8601 */
function unbroken(at: string): string {
  return instantText(at, UTC.zone).replaceAll(' ', '\u00a0');
}
