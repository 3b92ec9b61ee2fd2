import { makeBillingApi } from '../lambdas/billing-api/handler.ts';
import { makeEdit } from '../lambdas/edit/handler.ts';
import { makeOperatorApi } from '../lambdas/operator-api/handler.ts';
import { type ApiHandler, HttpsGateway } from '../platform/embedded/https/gateway.ts';
import { PersonAuthorizer } from '../platform/embedded/https/person-authorizer.ts';
import type { Embedded } from '../platform/embedded/platform.ts';
import type { Clock } from '../platform/ports/platform.ts';
import { ALL_DEFENCES } from '../topology/defences.ts';
import { DOORS, type DoorName } from '../topology/route.ts';
import { ROUTES } from '../topology/routes.ts';

/** Ports of the doors; 0 or none: any free one. */
export type DoorPorts = Readonly<Partial<Record<DoorName, number>>>;

/** The doors that are open: every one that has a route. */
export type Doors = Readonly<Partial<Record<DoorName, HttpsGateway>>> & { readonly console: HttpsGateway };

/** Functions that routes name. */
function handlersOf(platform: Embedded): Readonly<Record<string, ApiHandler>> {
  return {
    edit: makeEdit(platform.as('editing'), ALL_DEFENCES),
    'operator-api': makeOperatorApi(platform.as('operator-api')),
    'billing-api': makeBillingApi(platform.as('billing-api')),
  };
}

/** Opens a listener for each door. Either all are open in the end or none. */
export async function openDoors(platform: Embedded, clock: Clock, ports: DoorPorts): Promise<Doors> {
  const { ca, log, people } = platform;
  const authorizer = new PersonAuthorizer(people, clock, ALL_DEFENCES);
  const handlers = handlersOf(platform);
  const open: [DoorName, HttpsGateway][] = [];
  try {
    for (const door of DOORS.filter((name) => ROUTES.some((route) => route.door === name))) {
      const port = ports[door] ?? 0;
      open.push([door, await HttpsGateway.listen({ door, ca, authorizer, handlers, clock, log, defences: ALL_DEFENCES, port })]);
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
