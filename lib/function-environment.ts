import { doorAddress, type Stage } from './stage.ts';

type Variables = Readonly<Record<string, string>>;

/** Functions that tell others where the doors are, in OAuth metadata and in links. */
const NAMES_DOORS: readonly string[] = ['authorization', 'third-party-api'];
/** Functions that call recipients, of which some are behind the operator link. */
const CALLS_RECIPIENTS: readonly string[] = ['deliver', 'redeliver'];

/**
 * What some functions are told beside what all are. Without a domain no door has an address: who must name one then refuses every
 * request; without an operator link no private address is ever called.
 * @param name of topology/functions.ts
 */
export function environmentOf(stage: Stage, name: string): Variables {
  return {
    ...(NAMES_DOORS.includes(name) && stage.domain !== undefined
      ? {
          JOULEKEEP_CUSTOMER_DOOR: doorAddress(stage.domain, 'customer'),
          JOULEKEEP_THIRD_PARTY_DOOR: doorAddress(stage.domain, 'third-party'),
        }
      : {}),
    ...(CALLS_RECIPIENTS.includes(name) && stage.operatorLink !== undefined
      ? { JOULEKEEP_PRIVATE_NETWORKS: stage.operatorLink.cidrs.join(',') }
      : {}),
  };
}
