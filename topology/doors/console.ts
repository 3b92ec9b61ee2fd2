import type { PersonRole, Route, RouteRate } from '../route.ts';

/** Who may change days, where a route doesn't say less. */
const EDITORS: readonly PersonRole[] = ['operator', 'supervisor'];
/** An auditor looks, on record like everybody, and changes nothing. */
const READERS: readonly PersonRole[] = [...EDITORS, 'auditor'];
const READS: RouteRate = { burst: 40, perMinute: 240 };
const WRITES: RouteRate = { burst: 20, perMinute: 60 };
/** Rates whole billing periods twice. */
const PREVIEWS: RouteRate = { burst: 10, perMinute: 60 };
const COMMON = { door: 'console', function: 'edit', roles: EDITORS } as const;
const READ = { ...COMMON, method: 'GET', roles: READERS, rate: READS, secondPerson: 'never', changes: 'nothing' } as const;
const WRITE = { ...COMMON, method: 'POST', rate: WRITES, changes: 'versioned' } as const;
const DAY = '/v1/days/{meterId}/{day}';
const EDIT = `${DAY}/edits/{edit}`;

/** The utility's own network: people who look after meter days. */
export const CONSOLE_ROUTES = [
  {
    ...READ,
    name: 'listExceptions',
    path: '/v1/exceptions',
    schemas: { path: 'NoParameters', query: 'ExceptionQuery', body: 'NoBody', response: 'ExceptionPage' },
  },
  {
    ...READ,
    name: 'showException',
    path: '/v1/exceptions/{row}',
    schemas: { path: 'RowPath', query: 'NoParameters', body: 'NoBody', response: 'ExceptionRow' },
  },
  {
    ...COMMON,
    name: 'assignException',
    method: 'POST',
    path: '/v1/exceptions/{row}/assignee',
    rate: WRITES,
    secondPerson: 'never',
    changes: 'repeatable',
    schemas: { path: 'RowPath', query: 'NoParameters', body: 'Assignment', response: 'ExceptionRow' },
  },
  {
    ...READ,
    name: 'showDay',
    path: DAY,
    schemas: { path: 'DayPath', query: 'DayQuery', body: 'NoBody', response: 'Day' },
  },
  {
    ...COMMON,
    name: 'previewEdit',
    method: 'POST',
    path: `${DAY}/preview`,
    rate: PREVIEWS,
    secondPerson: 'never',
    changes: 'nothing',
    schemas: { path: 'DayPath', query: 'NoParameters', body: 'PreviewRequest', response: 'Preview' },
  },
  {
    ...WRITE,
    name: 'editDay',
    path: `${DAY}/edits`,
    secondPerson: 'final-day',
    schemas: { path: 'DayPath', query: 'NoParameters', body: 'EditRequest', response: 'Edited' },
  },
  {
    ...WRITE,
    name: 'finalizeDay',
    path: `${DAY}/finalize`,
    roles: ['supervisor'],
    secondPerson: 'never',
    schemas: { path: 'DayPath', query: 'NoParameters', body: 'FinalizeRequest', response: 'Edited' },
  },
  {
    ...WRITE,
    name: 'undoEdit',
    path: `${EDIT}/undo`,
    secondPerson: 'final-day',
    schemas: { path: 'EditPath', query: 'NoParameters', body: 'UndoRequest', response: 'Edited' },
  },
  {
    ...WRITE,
    name: 'approveEdit',
    path: `${EDIT}/approve`,
    roles: ['supervisor'],
    secondPerson: 'is',
    schemas: { path: 'EditPath', query: 'NoParameters', body: 'Decision', response: 'Edited' },
  },
  {
    ...WRITE,
    name: 'rejectEdit',
    path: `${EDIT}/reject`,
    // A supervisor decides; whoever proposed it may take it back.
    secondPerson: 'never',
    schemas: { path: 'EditPath', query: 'NoParameters', body: 'Decision', response: 'Edited' },
  },
] as const satisfies readonly Route[];
