import { randomBytes } from 'node:crypto';
import type { BillComputed, BillEvent } from '../../events/index.ts';
import { at, type ConsentWorld } from './consent-world.ts';

/** When the bill of October went out, UTC ms. */
export const ISSUED = at('2026-11-06') + 12 * 3_600_000;

/** October of a home, 29,200 Wh at 7.30 GBP. */
export function computed(accountId: string, usagePoint: string, more: Partial<BillComputed> = {}): BillEvent {
  const period = { accountId, usagePoint, from: '2026-10-01', until: '2026-11-01' };
  return {
    type: 'BillComputed',
    data: {
      ...{ period, currency: 'GBP', lines: [], totalMicro: '7300000', inputs: [], tariffs: [], estimatedPerMille: 0, onEstimates: false },
      ...{ importWh: '29200', revision: 1, at: ISSUED, ...more },
    },
  };
}

/** Puts an event on the stream of a home's bill of October. */
export async function billed({ world }: ConsentWorld, account: string, usagePoint: string, event: BillEvent): Promise<void> {
  const { events } = world.as('billing');
  const subject = { of: 'billing', subject: account } as const;
  const stream = `bill/${account}/${usagePoint}.2026-10-01`;
  await events.append(await events.head(stream, subject), { commitId: randomBytes(32), events: [event], subject }).durable;
}
