import { BILLING_ROUTES } from './doors/billing.ts';
import { CONSOLE_ROUTES } from './doors/console.ts';
import { CONSOLE_BILL_ROUTES } from './doors/console-bills.ts';
import { CONSOLE_PAGE_ROUTES } from './doors/console-pages.ts';
import { CUSTOMER_ROUTES } from './doors/customer.ts';
import { CUSTOMER_ACCOUNT_ROUTES } from './doors/customer-account.ts';
import { CUSTOMER_USAGE_ROUTES } from './doors/customer-usage.ts';
import { OPERATOR_ROUTES } from './doors/operator.ts';
import { SESSION_ROUTES } from './doors/session.ts';
import { THIRD_PARTY_ROUTES } from './doors/third-party.ts';
import type { DoorName, Route } from './route.ts';

/**
 * The HTTP routes of the service as plain data: who may call what, how often, and where it lands. `lib/` turns them into doors,
 * `platform/embedded/https` serves them. A route that is not here does not exist.
 * @source X.1332 9.2 to 9.4, 10.2 to 10.4 (access control)
 */
export const ROUTES = [
  ...CONSOLE_ROUTES,
  ...CONSOLE_PAGE_ROUTES,
  ...CONSOLE_BILL_ROUTES,
  ...OPERATOR_ROUTES,
  ...BILLING_ROUTES,
  ...THIRD_PARTY_ROUTES,
  ...CUSTOMER_ROUTES,
  ...CUSTOMER_ACCOUNT_ROUTES,
  ...SESSION_ROUTES,
  ...CUSTOMER_USAGE_ROUTES,
] as const;

export type RouteName = (typeof ROUTES)[number]['name'];
/** A route that is served. */
export type ApiRoute = Route & { readonly name: RouteName };

export interface RouteMatch {
  readonly route: ApiRoute;
  readonly parameters: Readonly<Record<string, string>>;
}

/** One segment of a path: nothing that has to be encoded, so that a path has one spelling; no dots alone. */
const SEGMENT = /^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,128}$/;

interface Template {
  readonly route: ApiRoute;
  readonly segments: readonly string[];
}

/** Routes by what a request has to have exactly: door, method, how many segments. */
const TEMPLATES = Map.groupBy(
  (ROUTES as readonly ApiRoute[]).map((route): Template => ({ route, segments: route.path.slice(1).split('/') })),
  ({ route: { door, method }, segments }) => shapeOf(door, method, segments.length),
);

/** The route of a request at a door, by method and path exactly as they came; undefined for every other spelling, and at every other door. */
export function matchRoute(door: DoorName, method: string, path: string): RouteMatch | undefined {
  if (!path.startsWith('/') || path.length > 512) return undefined;
  const segments = path.slice(1).split('/');
  if (!segments.every((segment) => SEGMENT.test(segment))) return undefined;
  for (const template of TEMPLATES.get(shapeOf(door, method, segments.length)) ?? []) {
    const parameters = parametersOf(template.segments, segments);
    if (parameters !== undefined) return { route: template.route, parameters };
  }
  return undefined;
}

function shapeOf(door: string, method: string, segments: number): string {
  return `${door} ${method} ${segments}`;
}

function parametersOf(expected: readonly string[], segments: readonly string[]): Readonly<Record<string, string>> | undefined {
  const parameters: Record<string, string> = {};
  for (const [i, part] of expected.entries()) {
    const segment = segments[i]!;
    if (part.startsWith('{')) parameters[part.slice(1, -1)] = segment;
    else if (part !== segment) return undefined;
  }
  return parameters;
}
