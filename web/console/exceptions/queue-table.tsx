import { useLayoutEffect, useRef } from 'preact/hooks';
import type { ExceptionRow } from '../../../api/exceptions.ts';
import { count } from '../../shared/format.ts';
import { Button } from '../../shared/ui/button.tsx';
import { daysText } from '../dates.ts';
import { now, useDesk } from '../desk.ts';
import { mayCall } from '../model/calls.ts';
import { causeWords, clockOf, isPartlyClosed } from '../model/cause.ts';
import { t } from '../text.ts';
import { ClockStatus } from '../ui/clock.tsx';
import { Status } from '../ui/status.tsx';
import type { Queue } from './queue-state.ts';
import { RowDays } from './row-days.tsx';

interface QueueTableProps {
  readonly queue: Queue;
  readonly rows: readonly ExceptionRow[];
  readonly onOpen: (row: ExceptionRow) => void;
}

const HEADS = ['cause', 'days', 'meters', 'clock', 'assignee', 'action'] as const;

/** One row for what has one reason, with all the meters it hit. */
export function QueueTable({ queue, rows, onOpen }: QueueTableProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  const cursor = queue.cursor.value;
  const wasAt = useRef(cursor);
  useLayoutEffect(() => {
    // The focus follows the cursor, and stays where it is when a page appears.
    if (cursor !== wasAt.current) body.current?.querySelector<HTMLElement>('tr[data-cursor] .opens')?.focus();
    wasAt.current = cursor;
  }, [cursor]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section class="table-scroll" tabIndex={0} aria-label={t('exceptions.list')}>
      <table class="table queue">
        <caption class="visually-hidden">{t('exceptions.list')}</caption>
        <thead>
          <tr>
            <td />
            {HEADS.map((head) => (
              <th key={head} scope="col" class={head === 'meters' ? 'end' : ''}>
                {t(`exceptions.column.${head}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.map((row, i) => (
            <QueueRow key={row.row} queue={queue} row={row} index={i} onOpen={() => onOpen(row)} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface QueueRowProps {
  readonly queue: Queue;
  readonly row: ExceptionRow;
  readonly index: number;
  readonly onOpen: () => void;
}

function QueueRow({ queue, row, index, onOpen }: QueueRowProps) {
  const { code, words } = causeWords(row.cause);
  const isHere = queue.cursor.value === index;
  const mayAssign = mayCall(useDesk().role, 'assignException');
  const isOpen = queue.expanded.value === row.row;
  const come = () => {
    queue.cursor.value = index;
  };
  return (
    <>
      <tr data-cursor={isHere ? '' : undefined} class={isHere ? 'cursor' : ''} onFocusIn={come}>
        <td>
          <input
            type="checkbox"
            aria-label={t('exceptions.select', { cause: `${code} ${words}` })}
            checked={queue.selected.value.has(row.row)}
            onChange={() => queue.toggle(row.row)}
          />
        </td>
        <th scope="row">
          <button type="button" class="opens" aria-expanded={isOpen} onClick={onOpen}>
            <strong>{code}</strong> {words}
          </button>
        </th>
        <td class="nowrap">{rowDays(row.days)}</td>
        <td class="end number">{metersText(row)}</td>
        <td>
          {row.status === 'closed' ? <Status tone="good">{t('status.closed')}</Status> : <ClockStatus clock={clockOf(row, now.value)} />}
        </td>
        <td>{row.assignee ?? <span class="soft">{t(row.status === 'assigned' ? 'exceptions.waits' : 'exceptions.nobody')}</span>}</td>
        <td>{row.status !== 'closed' && mayAssign && <AssignButton queue={queue} row={row} />}</td>
      </tr>
      {isOpen && (
        <tr class="inside">
          <td />
          <td colSpan={HEADS.length}>
            <RowDays row={row} label={`${code} ${words}`} onAll={() => void queue.complete(row)} />
          </td>
        </tr>
      )}
    </>
  );
}

function metersText(row: ExceptionRow): string {
  const of = count(row.meters);
  return isPartlyClosed(row) ? t('exceptions.meters.open', { open: count(row.openMeters), of }) : of;
}

function AssignButton({ queue, row }: Pick<QueueRowProps, 'queue' | 'row'>) {
  const { person } = useDesk();
  const mine = row.assignee === person;
  return (
    <Button kind="quiet" onClick={() => void queue.assign(row, mine ? null : person)}>
      {mine ? t('exceptions.unassign') : t('exceptions.assign')}
    </Button>
  );
}

function rowDays(days: readonly string[]): string {
  const [first = '', last = first] = [days[0], days.at(-1)];
  return first === '' ? '' : daysText(first, last);
}
