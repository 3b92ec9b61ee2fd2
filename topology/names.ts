import type { StorageDomain } from './storage.ts';

/** Physical name of a deployed resource, by which adapters find it: `joulekeep-<stage>-<what>`; the bus is `joulekeep-<stage>`. */
export function resourceName(stage: string, what?: string): string {
  return what === undefined ? `joulekeep-${stage}` : `joulekeep-${stage}-${what}`;
}

/** Tag of a key whose successors the clock makes; its value is the key's name in its stage, for an account may have two. */
export const KEY_TAG = 'joulekeep:key';

/** Name of a key at the key service. @param id of topology/keys.ts @param generation of asymmetric keys; absent = the one in use */
export function keyAlias(stage: string, id: string, generation?: number): string {
  return `alias/${resourceName(stage, generation === undefined ? id : `${id}-${generation}`)}`;
}

/** Key under which a domain of storage lies, without the stage. */
export function storageKeyName(domain: StorageDomain): string {
  return `storage-${domain}`;
}

/** What the customers' APIs tell the functions behind them: which of the two it is, and who asks. */
export const EDGE = {
  /** Stage variable of an API. */
  variable: 'front',
  /** Its values: behind the distribution; on a domain of its own that asks for a certificate. */
  distribution: 'distribution',
  certificates: 'certificates',
  /** Header with the viewer's address, which the distribution writes over whatever a client put there. */
  viewer: 'x-joulekeep-viewer',
} as const;
