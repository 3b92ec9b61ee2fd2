import type { ShownStream } from '../../bin/proof/binding-streams.ts';
import type { OpenedCommit } from '../../bin/proof/open-commits.ts';
import type { BilledDay } from '../../bin/proof/proven-days.ts';
import type { BillBasis, BillStatement, DayFrame, DomainEvent } from '../../events/index.ts';

/** Of checks that are asked one by one: a bill, commits and days with no more in them than the one check looks at. */
const BASIS: BillBasis = {
  ...{ zone: 'Europe/London', calendarDays: 3, chargeableFrom: '2020-01-01' },
  ...{ broughtWh: {}, broughtMicro: '0', unread: [] },
};

export const METER = '00124b0000000001';

/** The three days of October, all charged. */
export function statement({ basis, ...more }: Omit<Partial<BillStatement>, 'basis'> & { readonly basis?: Partial<BillBasis> } = {}) {
  const said: BillStatement = {
    period: { accountId: 'acc-home-1', usagePoint: 'home-1', from: '2026-10-24', until: '2026-10-27' },
    ...{ currency: 'GBP', lines: [], totalMicro: '0', inputs: [], tariffs: [], estimatedPerMille: 0, onEstimates: false },
    spans: [{ from: Date.UTC(2026, 9, 23, 23) / 1000, until: Date.UTC(2026, 9, 27) / 1000 }],
    ...more,
    basis: { ...BASIS, ...basis },
  };
  return said;
}

export function openedAt(stream: string, version: number, events: readonly DomainEvent[], recordedAt = 0): OpenedCommit {
  const envelope = { stream, version, count: events.length, recordedAt } as OpenedCommit['envelope'];
  return { envelope, hash: Buffer.alloc(32), events };
}

/** A commit for each event, each naming the one before. */
export function chained(stream: string, events: readonly DomainEvent[]): OpenedCommit[] {
  return events.map((event, version) => {
    const { envelope } = openedAt(stream, version, [event]);
    return { envelope: { ...envelope, prev: Buffer.alloc(32, version) }, hash: Buffer.alloc(32, version + 1), events: [event] };
  });
}

/** A commit for each event, but for the versions of which nothing is shown. */
export function shownStream(stream: string, events: readonly DomainEvent[], withheld: readonly number[] = []): ShownStream {
  const opened = events.flatMap((event, version) => (withheld.includes(version) ? [] : [openedAt(stream, version, [event])]));
  return { stream, opened, withheld, last: events.length - 1 };
}

/** UTC s. */
export function dayOf(meterId: string, from: number, until: number): BilledDay {
  const frame = { meterId, start: from, end: until } as DayFrame;
  return { stream: `meterday/${meterId}/${from}`, state: { frame } as BilledDay['state'], recordedAt: 0 };
}
