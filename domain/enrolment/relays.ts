import type { MeterEvent, RelayInterval } from '../../events/index.ts';
import { RELAY_LIMITS } from './limits.ts';

/**
 * Whether the concentrator may speak for the meter at this broker time: during an assignment, or within 72 hours
 * after its end. @source X.1332 10.1 (access control on meter data everywhere)
 */
export function relayServes(relays: readonly RelayInterval[], dcId: string, brokerTime: number): boolean {
  return relays.some(
    ({ dcId: assigned, from, until }) =>
      assigned === dcId && brokerTime >= from && (until === undefined || brokerTime < until + RELAY_LIMITS.assignmentGrace),
  );
}

export function assignRelay(relays: readonly RelayInterval[], dcId: string, from: number): MeterEvent[] {
  if (relays.some((relay) => relay.dcId === dcId && relay.until === undefined)) return [];
  return [{ type: 'RelayAssigned', data: { dcId, from } }];
}

export function unassignRelay(relays: readonly RelayInterval[], dcId: string, until: number): MeterEvent[] {
  if (!relays.some((relay) => relay.dcId === dcId && relay.until === undefined)) return [];
  return [{ type: 'RelayUnassigned', data: { dcId, until } }];
}

export function withoutRelay(relays: readonly RelayInterval[], dcId: string, until: number): RelayInterval[] {
  return relays.map((relay) => (relay.dcId === dcId && relay.until === undefined ? { ...relay, until } : relay));
}
