/**
 * The HTTP routes of the service as plain data: who may call what, how often, and where it lands. `lib/` turns them into an API
 * gateway, `platform/embedded/https` serves them. A route that is not here does not exist.
 * @source X.1332 9.2, 10.2 (access control)
 */

/** What a person may be. Everything a route does not name is denied. */
export const API_ROLES = ['operator', 'supervisor'] as const;
export type ApiRole = (typeof API_ROLES)[number];

/** Calls of one person: so many at once, then so many a minute. */
export interface RouteRate {
  readonly burst: number;
  readonly perMinute: number;
}

export interface Route {
  /** Operation id, unique. */
  readonly name: string;
  /** Which listener serves it: `console` is the utility's own network. */
  readonly door: 'console';
  readonly method: 'GET' | 'POST';
  /** Segments in braces are parameters of one segment each. */
  readonly path: string;
  /** Folder of lambdas/ that answers. */
  readonly function: 'edit';
  readonly roles: readonly ApiRole[];
  readonly rate: RouteRate;
  /** `final-day`: waits for somebody else where the day is final. `is`: the caller is that somebody. */
  readonly secondPerson: 'never' | 'final-day' | 'is';
  /** `versioned`: demands Idempotency-Key, and If-Match with the ETag of what the caller saw. */
  readonly changes: 'nothing' | 'repeatable' | 'versioned';
  /** Names in `API_SCHEMAS` of api/schemas.ts. */
  readonly schemas: { readonly path: string; readonly query: string; readonly body: string; readonly response: string };
}

const EVERYBODY: readonly ApiRole[] = ['operator', 'supervisor'];
const READS: RouteRate = { burst: 40, perMinute: 240 };
const WRITES: RouteRate = { burst: 20, perMinute: 60 };
/** Rates whole billing periods twice. */
const PREVIEWS: RouteRate = { burst: 10, perMinute: 60 };
const COMMON = { door: 'console', function: 'edit', roles: EVERYBODY } as const;
const READ = { ...COMMON, method: 'GET', rate: READS, secondPerson: 'never', changes: 'nothing' } as const;
const WRITE = { ...COMMON, method: 'POST', rate: WRITES, changes: 'versioned' } as const;
const DAY = '/v1/days/{meterId}/{day}';
const EDIT = `${DAY}/edits/{edit}`;

export const ROUTES = [
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
    roles: ['supervisor'],
    secondPerson: 'is',
    schemas: { path: 'EditPath', query: 'NoParameters', body: 'Decision', response: 'Edited' },
  },
] as const satisfies readonly Route[];

export type RouteName = (typeof ROUTES)[number]['name'];
/** A route that is served. */
export type ApiRoute = Route & { readonly name: RouteName };

export interface RouteMatch {
  readonly route: ApiRoute;
  readonly parameters: Readonly<Record<string, string>>;
}

/** One segment of a path: nothing that has to be encoded, so that a path has one spelling; no dots alone. */
const SEGMENT = /^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,128}$/;

/** The route of a request, by method and path exactly as they came; undefined for every other spelling. */
export function matchRoute(method: string, path: string): RouteMatch | undefined {
  if (!path.startsWith('/') || path.length > 512) return undefined;
  const segments = path.slice(1).split('/');
  if (!segments.every((segment) => SEGMENT.test(segment))) return undefined;
  for (const route of ROUTES) {
    const parameters = route.method === method ? parametersOf(route.path, segments) : undefined;
    if (parameters !== undefined) return { route, parameters };
  }
  return undefined;
}

function parametersOf(template: string, segments: readonly string[]): Readonly<Record<string, string>> | undefined {
  const expected = template.slice(1).split('/');
  if (expected.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [i, part] of expected.entries()) {
    const segment = segments[i]!;
    if (part.startsWith('{')) parameters[part.slice(1, -1)] = segment;
    else if (part !== segment) return undefined;
  }
  return parameters;
}
