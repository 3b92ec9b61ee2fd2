import type {
  AuditPage,
  FeedReplayed,
  FeedsView,
  FoundMeters,
  IngestView,
  KeysView,
  MeterView,
  Overview,
  VerificationAsked,
  Verified,
} from '../../../api/console.ts';
import type { Day } from '../../../api/days.ts';
import type { DeviceView, QuarantinedDevices } from '../../../api/devices.ts';
import type { Edited, Preview } from '../../../api/edits.ts';
import type { ExceptionPage, ExceptionRow } from '../../../api/exceptions.ts';
import type { FeedersView } from '../../../api/feeders.ts';
import type { BillApproved, HeldBills } from '../../../api/held-bills.ts';
import type { PersonSignIns } from '../../../api/sign-ins.ts';
import { CONSOLE_ROUTES } from '../../../topology/doors/console.ts';
import { CONSOLE_BILL_ROUTES } from '../../../topology/doors/console-bills.ts';
import { CONSOLE_PAGE_ROUTES } from '../../../topology/doors/console-pages.ts';
import type { RouteRate } from '../../../topology/route.ts';
import type { ApiCall, Caller, Reply } from '../../shared/session.ts';

/** What each route of the console's door answers. */
export interface Answers {
  readonly showOverview: Overview;
  readonly showIngest: IngestView;
  readonly showFeeders: FeedersView;
  readonly findMeters: FoundMeters;
  readonly showMeter: MeterView;
  readonly listQuarantined: QuarantinedDevices;
  readonly showDevice: DeviceView;
  readonly showFeeds: FeedsView;
  readonly replayFeed: FeedReplayed;
  readonly showKeys: KeysView;
  readonly listAudit: AuditPage;
  readonly listPersonSignIns: PersonSignIns;
  readonly askVerification: VerificationAsked;
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
  readonly listHeldBills: HeldBills;
  readonly approveBill: BillApproved;
}

const ROUTES = [...CONSOLE_PAGE_ROUTES, ...CONSOLE_ROUTES, ...CONSOLE_BILL_ROUTES];
export type RouteName = (typeof ROUTES)[number]['name'];

/** What is sent with a request, besides its method and path. */
export interface Sent extends Pick<ApiCall, 'body' | 'headers'> {
  /** Empty ones are left out. */
  readonly query?: Readonly<Record<string, string | undefined>>;
}

function routeOf(name: RouteName) {
  return ROUTES.find((known) => known.name === name)!;
}

/** How often one caller may ask a route. */
export function rateOf(name: RouteName): RouteRate {
  return routeOf(name).rate;
}

/** The request of a route. @throws RangeError for a path without one of its parameters */
export function callOf(name: RouteName, parameters: Readonly<Record<string, string>>, { query, ...sent }: Sent = {}): ApiCall {
  const route = routeOf(name);
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
  requests: Caller,
  name: N,
  parameters: Readonly<Record<string, string>> = {},
  sent: Sent = {},
): Promise<Reply<Answers[N]>> {
  return await requests.request<Answers[N]>(callOf(name, parameters, sent));
}

/** Whether the door would let this role through; it asks again by itself. */
export function mayCall(role: string, name: RouteName): boolean {
  return (routeOf(name).roles as readonly string[]).includes(role);
}
