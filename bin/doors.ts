import { makeAudit } from '../lambdas/audit/handler.ts';
import { makeAuthorization } from '../lambdas/authorization/handler.ts';
import { makeBillingApi } from '../lambdas/billing-api/handler.ts';
import { makeConsoleApi } from '../lambdas/console-api/handler.ts';
import { makeEdit } from '../lambdas/edit/handler.ts';
import type { Doorsteps } from '../lambdas/http/deployed-doors.ts';
import { makeOperatorApi } from '../lambdas/operator-api/handler.ts';
import { makePriceApi } from '../lambdas/price-api/handler.ts';
import { makeSandbox } from '../lambdas/sandbox/handler.ts';
import { makeThirdPartyApi } from '../lambdas/third-party-api/handler.ts';
import { type ApiHandler, HttpsGateway } from '../platform/embedded/https/gateway.ts';
import { PersonAuthorizer } from '../platform/embedded/https/person-authorizer.ts';
import type { Embedded } from '../platform/embedded/platform.ts';
import { type CustomerSignIn, NOBODY_SIGNED_IN } from '../platform/ports/customer-sign-in.ts';
import type { Clock } from '../platform/ports/platform.ts';
import { ALL_DEFENCES, type Defences } from '../topology/defences.ts';
import { DOORS, type DoorName } from '../topology/route.ts';
import { ROUTES } from '../topology/routes.ts';

/** Ports of the doors; 0 or none: any free one. */
export type DoorPorts = Readonly<Partial<Record<DoorName, number>>>;

/** The doors that are open: every one that has a route. */
export type Doors = Readonly<Partial<Record<DoorName, HttpsGateway>>> & { readonly console: HttpsGateway };

export interface DoorOptions {
  /** Who customers are; by default nobody is signed in. */
  readonly signIn?: CustomerSignIn;
  /** Tests only. */
  readonly defences?: Defences;
}

/** Functions that routes name. */
function handlersOf(
  platform: Embedded,
  { signIn = NOBODY_SIGNED_IN, defences = ALL_DEFENCES }: DoorOptions,
  doors: () => Doorsteps,
): Readonly<Record<string, ApiHandler>> {
  return {
    edit: makeEdit(platform.as('editing'), defences),
    audit: makeAudit(platform.as('auditor'), defences),
    'console-api': makeConsoleApi(platform.people)(platform.as('console-api'), defences),
    authorization: makeAuthorization(platform.as('authorization'), defences, { doors, signIn }),
    'third-party-api': makeThirdPartyApi(platform.as('third-party-api'), defences, doors),
    sandbox: makeSandbox(),
    'operator-api': makeOperatorApi(platform.as('operator-api')),
    'billing-api': makeBillingApi(platform.as('billing-api')),
    'price-api': makePriceApi(platform.as('price-api')),
  };
}

/** Opens a listener for each door. Either all are open in the end or none. */
export async function openDoors(platform: Embedded, clock: Clock, ports: DoorPorts, options: DoorOptions = {}): Promise<Doors> {
  const { ca, log, people } = platform;
  const { defences = ALL_DEFENCES } = options;
  const authorizer = new PersonAuthorizer(people, clock, defences);
  const open: [DoorName, HttpsGateway][] = [];
  const urlOf = (door: DoorName) => open.find(([name]) => name === door)?.[1].url ?? '';
  const handlers = handlersOf(platform, options, () => ({ customer: urlOf('customer'), thirdParty: urlOf('third-party') }));
  try {
    for (const door of DOORS.filter((name) => ROUTES.some((route) => route.door === name))) {
      const port = ports[door] ?? 0;
      open.push([door, await HttpsGateway.listen({ door, ca, authorizer, handlers, clock, log, defences, port })]);
    }
  } catch (error) {
    await closeDoors(open.map(([, gateway]) => gateway));
    throw error;
  }
  return Object.fromEntries(open) as unknown as Doors;
}

export async function closeDoors(gateways: Iterable<HttpsGateway>): Promise<void> {
  await Promise.all([...gateways].map((gateway) => gateway.close()));
}
