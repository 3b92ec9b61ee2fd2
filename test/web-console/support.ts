import type { Day } from '../../api/days.ts';
import type { Channel, Slot } from '../../web/console/model/slots.ts';
import type { ApiCall, Caller, Reply } from '../../web/shared/session.ts';

/** A service that answers what the test says, and remembers what it was asked. */
export function serviceOf(answer: (call: ApiCall, count: number) => Reply<unknown>): Caller & { readonly calls: ApiCall[] } {
  const calls: ApiCall[] = [];
  return {
    calls,
    request: async <T>(call: ApiCall) => {
      calls.push(call);
      return answer(call, calls.length) as Reply<T>;
    },
  };
}

export function refusal(status: number, detail?: string): Reply<never> {
  const problem = { type: 'urn:joulekeep:problem:x', title: `title ${status}`, status, requestId: 'r', ...(detail && { detail }) };
  return { ok: false, status, problem };
}

/** A slot by what was measured and what counts. */
export function slotOf(slot: number, rawWh: number | null, source: string, finalWh: number | null, edited = false): Slot {
  return {
    slot,
    end: new Date(Date.parse('2026-01-15T00:00:00Z') + (slot + 1) * 900_000).toISOString(),
    raw: { energyWh: rawWh, registerCounts: null, flags: 0 },
    final: { energyWh: finalWh, source, scaled: false, confidence: 100, edited },
    errors: [],
    warnings: [],
  };
}

export function channelOf(channel: number, slots: Slot[]): Channel {
  return {
    ...{ channel, direction: 'import', unit: 'Wh', perCount: 1, energyWh: 0, measured: 0, estimated: 0, edited: 0, held: 0, missing: 0 },
    ...{ obis: '1-0:1.8.0', registerWh: null, dayErrors: [], dayWarnings: [], slots },
  };
}

export function dayOf(channels: Channel[], history: Day['history'] = []): Day {
  return {
    ...{ meterId: '0000000000000001', usagePoint: 'up-1', day: '2026-01-15', part: 1, zone: 'Europe/Berlin' },
    ...{ start: '2026-01-14T23:00:00Z', end: '2026-01-15T23:00:00Z', minutes: 15, state: 'provisional', revision: 1, held: true },
    ...{ channels, edits: [], proposals: [], history },
  };
}

export function entryOf(version: number, recordedAt: string, by?: string): Day['history'][number] {
  return { version, type: 'SlotsEdited', recordedAt, hash: 'ab'.repeat(32), ...(by === undefined ? {} : { by }) };
}
