export const STATES = ['', 'open', 'assigned', 'closed'] as const;

/** Which rows are asked for; empty = all. */
export interface QueueFilter {
  readonly cause: string;
  readonly status: '' | 'open' | 'assigned' | 'closed';
  readonly olderThanHours: string;
  readonly area: string;
  readonly assignee: string;
}

/** The filter as the address says. What the queue cannot have is left out. */
export function filterOf(query: URLSearchParams): QueueFilter {
  const text = (name: string, allowed: RegExp) => {
    const value = query.get(name) ?? '';
    return allowed.test(value) ? value : '';
  };
  const status = STATES.find((known) => known === query.get('status')) ?? '';
  return {
    status,
    cause: text('cause', /^[A-Za-z0-9:/-]{1,64}$/),
    olderThanHours: text('olderThanHours', /^[1-9]\d{0,4}$/),
    area: text('area', /^[A-Za-z0-9._-]{1,64}$/),
    assignee: text('assignee', /^[a-z0-9][a-z0-9-]{0,62}$/),
  };
}
