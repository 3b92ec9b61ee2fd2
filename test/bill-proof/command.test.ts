import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { proofCommand } from '../../bin/commands/bill-proof.ts';
import { accountOf, ProofWorld } from './proof-world.ts';

let world: ProofWorld;
beforeAll(async () => {
  world = await ProofWorld.open();
  // A second bill of the second home, which begins in the same month.
  await world.platform.as('billing').directory.put([{ key: `bills/${accountOf('home-2')}/home-2.2026-10-27`, value: Buffer.alloc(0) }]);
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
    await expect(prove('home-2', 'x', '--period', '2026-09')).rejects.toThrow(`no bill begins then or there; there are ${both}`);
    await expect(prove('home-2', 'x', '--start-day', '24', '--point', 'home-1')).rejects.toThrow('no bill begins then or there');
    await expect(prove('home-9', 'x')).rejects.toThrow('acc-home-9: there is no such account');
    await prove('home-2', 'second.proof', '--period', '2026-10', '--start-day', '24');
    expect(statSync(file('second.proof')).size).toBeGreaterThan(1_000);
  });

  it('keeps a file that is there', async () => {
    writeFileSync(file('mine'), 'kept');
    await expect(prove('home-1', 'mine')).rejects.toThrow('is there already');
    expect(readFileSync(file('mine'), 'utf8')).toBe('kept');
  });
});
