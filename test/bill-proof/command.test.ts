import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { proofCommand } from '../../bin/commands/bill-proof.ts';
import { billPeriod } from '../../lambdas/billing/bill-period.ts';
import { openBilling } from '../../lambdas/billing/open-billing.ts';
import { closePart } from '../billing/closed-homes.ts';
import { accountOf, ProofWorld } from './proof-world.ts';

let world: ProofWorld;
beforeAll(async () => {
  world = await ProofWorld.open();
  // Two more bills of the second home: one that waits for its day, and one that went out.
  const billing = world.platform.as('billing');
  const bill = async (from: string, until: string) => {
    const sources = await openBilling(billing, [accountOf('home-2')], { from, until });
    return (await billPeriod(sources, { account: accountOf('home-2'), usagePoint: 'home-2', from, until })).state;
  };
  expect((await bill('2026-10-28', '2026-10-29')).billed).toBeUndefined();
  const day = { day: '2026-10-27', start: Date.UTC(2026, 9, 27) / 1000, end: Date.UTC(2026, 9, 28) / 1000 };
  const place = {
    usagePoint: 'home-2',
    meterId: '00124b0000000002',
    part: 1,
    subject: accountOf('home-2'),
    minutes: 15,
    zone: 'Europe/London',
  };
  await closePart(world.platform.as, { ...place, ...day }, 10, {});
  expect((await bill('2026-10-27', '2026-10-28')).billed).toBeDefined();
  await world.platform.close();
}, 60_000);
afterAll(() => rmSync(world.directory, { recursive: true }));
beforeEach(() => void vi.spyOn(process.stdout, 'write').mockImplementation(() => true));
afterEach(() => vi.restoreAllMocks());

const file = (name: string) => join(world.directory, name);

async function prove(home: string, out: string, ...words: string[]): Promise<void> {
  const named = ['--account', accountOf(home), '--state', world.state, '--out', file(out), '--as', 'ann'];
  await proofCommand()
    .exitOverride()
    .parseAsync([...named, ...words], { from: 'user' });
}

describe('joulekeep bill proof', () => {
  it('finds the bill that begins in the month, on whatever day, and writes it for its owner alone', async () => {
    await prove('home-1', 'bill.proof', '--period', '2026-10');
    expect(JSON.parse(readFileSync(file('bill.proof'), 'utf8'))).toMatchObject({ format: 'joulekeep-bill-proof' });
    expect(statSync(file('bill.proof')).mode & 0o777).toBe(0o600);
  });

  it('names the bills where several begin then, and those there are where none does', async () => {
    const both = 'bill/acc-home-2/home-2.2026-10-24, bill/acc-home-2/home-2.2026-10-27';
    await expect(prove('home-2', 'x', '--period', '2026-10')).rejects.toThrow(
      `2 bills, say which by --period, --start-day, --point: ${both}`,
    );
    await expect(prove('home-2', 'x', '--period', '2026-09')).rejects.toThrow(
      `no bill that went out is of then or there; there are ${both}`,
    );
    await expect(prove('home-2', 'x', '--start-day', '24', '--point', 'home-1')).rejects.toThrow(
      'no bill that went out is of then or there',
    );
    await expect(prove('home-9', 'x')).rejects.toThrow('acc-home-9: there is no such account');
    await prove('home-2', 'second.proof', '--period', '2026-10', '--start-day', '24');
    expect(statSync(file('second.proof')).size).toBeGreaterThan(1_000);
  });

  it('finds the bill that has the day, leaves out what never went out, and knows no bill of a day behind the last', async () => {
    await prove('home-2', 'by-day.proof', '--period', '2026-10-26');
    await prove('home-2', 'by-start.proof', '--start-day', '24');
    const billIn = (name: string) => (JSON.parse(readFileSync(file(name), 'utf8')) as { bill: unknown }).bill;
    expect(billIn('by-day.proof')).toEqual(billIn('by-start.proof'));
    for (const day of ['2026-10-23', '2026-10-28', '2026-11-02'])
      await expect(prove('home-2', 'x', '--period', day), day).rejects.toThrow('no bill that went out is of then or there');
    await expect(prove('home-2', 'x', '--period', '2026-02-30')).rejects.toThrow();
    await expect(prove('home-2', 'x', '--period', 'October')).rejects.toThrow();
  });

  it('keeps a file that is there', async () => {
    writeFileSync(file('mine'), 'kept');
    await expect(prove('home-1', 'mine')).rejects.toThrow('is there already');
    expect(readFileSync(file('mine'), 'utf8')).toBe('kept');
  });
});
