/** In the address: rows of every status. */
const ANY = 'any';

export const STATES = ['', 'open', 'assigned', 'closed'] as const;

/** Which rows are asked for; empty = all. */
export interface QueueFilter {
  readonly cause: string;
  readonly status: (typeof STATES)[number];
  readonly olderThanHours: string;
  readonly area: string;
  readonly assignee: string;
}

/** The filter as the address says: open rows, unless it asks for others. What the queue cannot have is left out. */
export function filterOf(query: URLSearchParams): QueueFilter {
  const text = (name: string, allowed: RegExp) => {
    const value = query.get(name) ?? '';
    return allowed.test(value) ? value : '';
  };
  const asked = query.get('status');
  const status = asked === ANY ? '' : (STATES.find((known) => known !== '' && known === asked) ?? 'open');
  return {
    status,
    cause: text('cause', /^[A-Za-z0-9:/-]{1,64}$/),
    olderThanHours: text('olderThanHours', /^[1-9]\d{0,4}$/),
    area: text('area', /^[A-Za-z0-9._-]{1,64}$/),
    assignee: text('assignee', /^[a-z0-9][a-z0-9-]{0,62}$/),
  };
}

/** The address of a filter, read back by `filterOf`. */
export function queryOf({ status, ...others }: QueueFilter): Readonly<Record<string, string>> {
  const given = Object.entries(others).filter(([, value]) => value !== '');
  return { status: status === '' ? ANY : status, ...Object.fromEntries(given) };
}

/** What somebody looks after is no longer open: asking for it asks for every status. */
export function assignedTo(assignee: string): Pick<QueueFilter, 'assignee' | 'status'> {
  return { assignee, status: assignee === '' ? 'open' : '' };
}
