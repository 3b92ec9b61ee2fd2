import { type DoorName, takesSessions } from '../topology/route.ts';
import { type ApiRoute, ROUTES } from '../topology/routes.ts';
import { TOLD } from './names.ts';
import { doorAddress, type Stage, signInAddress } from './stage.ts';

type Variables = Readonly<Record<string, string>>;

/** Functions that tell others where the doors are, in OAuth metadata and in links. */
const NAMES_DOORS: readonly string[] = ['authorization', 'third-party-api'];
/** Functions that call recipients, of which some are behind the operator link. */
const CALLS_RECIPIENTS: readonly string[] = ['deliver', 'redeliver'];
/** Functions that put copies of the log where they can't reach them again. */
const WITNESSES: readonly string[] = ['log'];
/** Functions that read the key service's own record. */
const READS_KEY_RECORD: readonly string[] = ['reconcile'];
/** Functions that ask the identity provider who somebody is. */
const BEGINS_SESSIONS: readonly string[] = ['session'];

const VARIABLES = {
  customer: 'JOULEKEEP_CUSTOMER_DOOR',
  console: 'JOULEKEEP_CONSOLE_DOOR',
  'third-party': 'JOULEKEEP_THIRD_PARTY_DOOR',
} as const satisfies Partial<Record<DoorName, string>>;

/**
 * What some functions are told beside what all are. Without a domain no door has an address: who must name one then refuses every
 * request; without an operator link no private address is ever called.
 * @param name of topology/functions.ts @param told reads at deployment what an earlier stack wrote down
 */
export function environmentOf(stage: Stage, name: string, told: (what: string) => string): Variables {
  const { domain, operatorLink, archive } = stage;
  return {
    ...(domain === undefined ? {} : doorsOf(name, domain)),
    ...(domain !== undefined && BEGINS_SESSIONS.includes(name) ? identityOf(domain, told) : {}),
    ...(READS_KEY_RECORD.includes(name) ? { JOULEKEEP_KEY_RECORD: told(TOLD.keyRecord) } : {}),
    ...(CALLS_RECIPIENTS.includes(name) && operatorLink !== undefined ? { JOULEKEEP_PRIVATE_NETWORKS: operatorLink.cidrs.join(',') } : {}),
    ...(WITNESSES.includes(name) && archive !== undefined ? { JOULEKEEP_WITNESS_BUCKET: archive.bucket } : {}),
  };
}

/** A proof is made for a door by its name, so whoever judges sessions there has to know it. */
function doorsOf(name: string, domain: string): Variables {
  const own = (ROUTES as readonly ApiRoute[]).filter((route) => route.function === name && takesSessions(route));
  const doors = new Set<DoorName>([
    ...own.map(({ door }) => door),
    ...(NAMES_DOORS.includes(name) ? (['customer', 'third-party'] as const) : []),
  ]);
  return Object.fromEntries(
    Object.entries(VARIABLES).flatMap(([door, variable]) =>
      doors.has(door as DoorName) ? [[variable, doorAddress(domain, door as DoorName)]] : [],
    ),
  );
}

function identityOf(domain: string, told: (what: string) => string): Variables {
  return {
    JOULEKEEP_IDENTITY_ISSUER: told(TOLD.identity.issuer),
    JOULEKEEP_IDENTITY_HOSTED: signInAddress(domain),
    JOULEKEEP_PORTAL_CLIENT: told(TOLD.identity.portal),
    JOULEKEEP_CONSOLE_CLIENT: told(TOLD.identity.console),
  };
}
