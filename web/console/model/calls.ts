import type { AuditPage, FeedReplayed, FeedsView, IngestView, KeysView, MeterView, Overview, Verified } from '../../../api/console.ts';
import type { Day } from '../../../api/days.ts';
import type { Edited, Preview } from '../../../api/edits.ts';
import type { ExceptionPage, ExceptionRow } from '../../../api/exceptions.ts';
import type { Problem } from '../../../api/problems.ts';
import { CONSOLE_ROUTES } from '../../../topology/doors/console.ts';
import { CONSOLE_PAGE_ROUTES } from '../../../topology/doors/console-pages.ts';
import type { RouteRate } from '../../../topology/route.ts';

/** What each route of the console's door answers. */
export interface Answers {
  readonly showOverview: Overview;
  readonly showIngest: IngestView;
  readonly showMeter: MeterView;
  readonly showFeeds: FeedsView;
  readonly replayFeed: FeedReplayed;
  readonly showKeys: KeysView;
  readonly listAudit: AuditPage;
  readonly verifyStreams: Verified;
  readonly listExceptions: ExceptionPage;
  readonly showException: ExceptionRow;
  readonly assignException: ExceptionRow;
  readonly showDay: Day;
  readonly previewEdit: Preview;
  readonly editDay: Edited;
  readonly finalizeDay: Edited;
  readonly undoEdit: Edited;
  readonly approveEdit: Edited;
  readonly rejectEdit: Edited;
}

const ROUTES = [...CONSOLE_PAGE_ROUTES, ...CONSOLE_ROUTES];
export type RouteName = (typeof ROUTES)[number]['name'];

/** What is sent with a request, besides its method and path. */
export interface Sent {
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiCall extends Sent {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
}

/** Status 0: the service was not reached. */
export type Reply<T> =
  | { readonly ok: true; readonly body: T; readonly etag?: string }
  | { readonly ok: false; readonly status: number; readonly problem: Problem | undefined; readonly retryAfterSeconds?: number };
export type Refusal = Extract<Reply<never>, { readonly ok: false }>;

/** What a signed-in person's requests go through. */
export interface Requests {
  request<T>(call: ApiCall): Promise<Reply<T>>;
}

/** How often one caller may ask a route. */
export function rateOf(name: RouteName): RouteRate {
  return ROUTES.find((known) => known.name === name)!.rate;
}

/** The request of a route. @throws RangeError for a path without one of its parameters */
export function callOf(name: RouteName, parameters: Readonly<Record<string, string>>, { query, ...sent }: Sent = {}): ApiCall {
  const route = ROUTES.find((known) => known.name === name)!;
  const path = route.path.replace(/\{(\w+)\}/g, (_, parameter: string) => {
    const value = parameters[parameter];
    if (value === undefined) throw new RangeError(`${name} wants ${parameter}`);
    return encodeURIComponent(value);
  });
  const given = Object.entries(query ?? {}).filter((entry): entry is [string, string] => (entry[1] ?? '') !== '');
  return { method: route.method, path, ...sent, ...(given.length === 0 ? {} : { query: Object.fromEntries(given) }) };
}

/** Asks a route. */
export async function ask<N extends RouteName & keyof Answers>(
  requests: Requests,
  name: N,
  parameters: Readonly<Record<string, string>> = {},
  sent: Sent = {},
): Promise<Reply<Answers[N]>> {
  return await requests.request<Answers[N]>(callOf(name, parameters, sent));
}

/** Whether the door would let this role through; it asks again by itself. */
export function mayCall(role: string, name: RouteName): boolean {
  const route = ROUTES.find((known) => known.name === name)!;
  return (route.roles as readonly string[]).includes(role);
}
