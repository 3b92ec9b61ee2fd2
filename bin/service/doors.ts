import { makeAccountApi } from '../../lambdas/account-api/handler.ts';
import { makeAudit } from '../../lambdas/audit/handler.ts';
import { makeAuthorization } from '../../lambdas/authorization/handler.ts';
import { makeBillDesk } from '../../lambdas/bill-desk/handler.ts';
import { makeBillingApi } from '../../lambdas/billing-api/handler.ts';
import { makeConsoleApi } from '../../lambdas/console-api/handler.ts';
import { makeEdit } from '../../lambdas/edit/handler.ts';
import type { Doorsteps } from '../../lambdas/http/deployed-doors.ts';
import { makeOperatorApi } from '../../lambdas/operator-api/handler.ts';
import { makePriceApi } from '../../lambdas/price-api/handler.ts';
import { makeSandbox } from '../../lambdas/sandbox/handler.ts';
import { makeSession } from '../../lambdas/session/handler.ts';
import { SignInLog } from '../../lambdas/session/sign-in-log.ts';
import { makeThirdPartyApi } from '../../lambdas/third-party-api/handler.ts';
import { makeUsageApi } from '../../lambdas/usage-api/handler.ts';
import { SessionCheck } from '../../platform/doors/session-check.ts';
import { type ApiHandler, HttpsGateway } from '../../platform/embedded/https/gateway.ts';
import { PersonAuthorizer } from '../../platform/embedded/https/person-authorizer.ts';
import { IdentityServer } from '../../platform/embedded/identity/server.ts';
import type { Embedded } from '../../platform/embedded/platform.ts';
import type { Authorizer } from '../../platform/ports/authorizer.ts';
import type { Clock } from '../../platform/ports/platform.ts';
import { Sessions } from '../../platform/ports/sessions.ts';
import { ALL_DEFENCES, type Defences } from '../../topology/defences.ts';
import { DOORS, type DoorName } from '../../topology/route.ts';
import type { SignInEndpoints } from '../../topology/site-config.ts';
import { PUBLISHER } from '../site/sign.ts';
import { type Applications, sitesOf } from '../site/sites.ts';

/** Ports of the doors and of the identity provider; 0 or none: any free one. */
export type DoorPorts = Readonly<Partial<Record<DoorName | 'identity', number>>>;

/** The doors that are open: every one that has a route. And where people sign in. */
export type Doors = Readonly<Record<DoorName, HttpsGateway>> & { readonly identity: IdentityServer };

export interface DoorOptions {
  /** What browsers are shown; by default nothing. */
  readonly applications?: Applications;
  /** Tests only. */
  readonly defences?: Defences;
  /** Tests only: who callers are. */
  readonly authorizer?: (usual: Authorizer) => Authorizer;
  /** That browsers go by; default the machine's, whatever time the platform plays. */
  readonly wall?: Clock;
}

const MACHINE_CLOCK: Clock = { now: () => Date.now() };

/** What handlers are made with besides the platform. */
interface Making extends Required<Pick<DoorOptions, 'defences' | 'wall'>> {
  readonly doors: () => Doorsteps;
  readonly identity: IdentityServer;
  readonly signIns: SignInLog;
}

/** Functions that routes name. */
function handlersOf(platform: Embedded, { defences, wall, doors, identity, signIns }: Making): Readonly<Record<string, ApiHandler>> {
  return {
    edit: makeEdit(platform.as('editing'), defences),
    'bill-desk': makeBillDesk(platform.as('billing'), defences),
    audit: makeAudit(platform.as('auditor'), defences),
    'console-api': makeConsoleApi(platform.people)(platform.as('console-api'), defences),
    authorization: makeAuthorization(platform.as('authorization'), defences, { doors, wall }),
    'account-api': makeAccountApi(platform.as('account-api'), defences, wall),
    session: makeSession(platform.as('session'), identity, { wall, signIns }),
    'third-party-api': makeThirdPartyApi(platform.as('third-party-api'), defences, doors),
    sandbox: makeSandbox(),
    'operator-api': makeOperatorApi(platform.as('operator-api')),
    'billing-api': makeBillingApi(platform.as('billing-api')),
    'price-api': makePriceApi(platform.as('price-api')),
    'usage-api': makeUsageApi(platform.as('usage-api'), defences),
  };
}

/** Opens a listener for each door and one where people sign in. Either all are open in the end or none. */
export async function openDoors(platform: Embedded, clock: Clock, ports: DoorPorts, options: DoorOptions = {}): Promise<Doors> {
  const { ca, log, people, identity: accounts, identityKey: key } = platform;
  const { defences = ALL_DEFENCES, authorizer: changed = (usual) => usual, wall = MACHINE_CLOCK } = options;
  const sessions = new SessionCheck({ sessions: new Sessions({ ...platform.as('session'), wall }), wall, defences });
  const authorizer = changed(new PersonAuthorizer(people, clock, defences, sessions));
  const signIns = new SignInLog(platform.as('session'));
  const identity = await IdentityServer.listen({ ca, accounts, key, log, tries: signIns, defences, port: ports.identity ?? 0 });
  const open: [DoorName, HttpsGateway][] = [];
  const addressOf = (door: DoorName) => open.find(([name]) => name === door)?.[1].address ?? '';
  const doors = () => ({ customer: addressOf('customer'), thirdParty: open.find(([name]) => name === 'third-party')?.[1].url ?? '' });
  const handlers = handlersOf(platform, { defences, wall, doors, identity, signIns });
  try {
    const { applications } = options;
    const sites =
      applications &&
      (await sitesOf({ publisher: platform.as(PUBLISHER), ca, log, wall }, { ...applications, ...endpointsOf(identity) }, defences));
    for (const door of DOORS) {
      const port = ports[door] ?? 0;
      const site = door === 'customer' || door === 'console' ? sites?.[door] : undefined;
      const shown = site === undefined ? {} : { site };
      open.push([door, await HttpsGateway.listen({ door, ca, authorizer, handlers, clock, log, defences, port, ...shown })]);
    }
    identity.open({ portal: addressOf('customer'), console: addressOf('console') });
  } catch (error) {
    await closeDoors([identity, ...open.map(([, gateway]) => gateway)]);
    throw error;
  }
  return { ...(Object.fromEntries(open) as Record<DoorName, HttpsGateway>), identity };
}

/** Where browsers are sent to sign in. */
function endpointsOf({ endpoints }: IdentityServer): SignInEndpoints {
  const { issuer, authorization, token, endSession, passkeys = null } = endpoints;
  return { issuer, authorizationEndpoint: authorization, tokenEndpoint: token, endSessionEndpoint: endSession, passkeysPage: passkeys };
}

export async function closeDoors(listeners: Iterable<{ close(): Promise<void> }>): Promise<void> {
  await Promise.all([...listeners].map((listener) => listener.close()));
}
