import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import type { SubjectKey } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { grantSubjectAccess } from '../../platform/ports/subject-grants.ts';
import { verifyStream } from '../../platform/store/verify.ts';
import { all, idOf } from '../contract/support/events.ts';
import { discard, filesWith, newState, TestClock, temporaryDirectory, verifyOptions } from '../contract/support/state.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { METER, OTHER_METER } from './given.ts';
import { accessTo, closeDay, endsIn, frameOf, knownBytes, readDay, type SealedWorld, sealedWorld, streamOf } from './sealed-days.ts';

const DAY = '2026-10-08';
const OF_A = frameOf(METER, DAY, 'acc-a');
const OF_B = frameOf(OTHER_METER, DAY, 'acc-b');
const DENIED = 'ERR_KEY_TABLE_ACCESS_DENIED';

describe('the data of a subject', () => {
  let world: SealedWorld;
  beforeEach(async () => {
    world = await sealedWorld();
    for (const frame of [OF_A, OF_B]) await closeDay(world.as('close-day'), frame);
    for (const account of ['acc-a', 'acc-b']) await bill(world.as('billing'), account);
  });
  afterEach(() => {
    world.state.close();
    discard(world.state.directory);
  });

  const destroyAll = async (prefix: string) => {
    const table = world.state.keys.as('archive');
    const rows = await table.list(prefix);
    for (const { id } of rows) await table.destroy(id);
    return rows;
  };

  it('R9.1-3: with the usage keys of one customer destroyed nothing of that one opens, and everything of the other', async () => {
    expect(await destroyAll('usage/acc-a/')).toHaveLength(1);
    for (const principal of ['close-day', 'editing', 'billing', 'project', 'relay', 'archive']) {
      expect(endsIn(await readDay(world.as(principal), streamOf(OF_A), 'acc-a', 'acc-b'))).toEqual([]);
      expect(endsIn(await readDay(world.as(principal), streamOf(OF_B), 'acc-a', 'acc-b'))).toHaveLength(96);
    }
  });

  it('R9.1-3: with the billing key of one customer destroyed the bills of the other open, and the days of both', async () => {
    expect(await destroyAll('billing/acc-a/')).toHaveLength(1);
    const bills = await Promise.all(['acc-a', 'acc-b'].map((account) => billsOf(world.as('billing'), account)));
    expect(bills).toEqual([0, 1]);
    for (const frame of [OF_A, OF_B]) expect(endsIn(await readDay(world.as('billing'), streamOf(frame), frame.subject))).toHaveLength(96);
  });

  it("R9.1-3: a subject's key opens for its own row and subject, and for no other context", async () => {
    const [row] = await world.state.keys.as('archive').list('usage/acc-a/');
    const open = (context: Record<string, string>) => world.state.kms.as('archive').decrypt('subject-kek', row!.wrapped, context);
    expect(await open({ row: row!.id, subject: 'acc-a' })).toHaveLength(32);
    const others = [{ row: row!.id }, { row: row!.id, subject: 'acc-b' }, { row: row!.id.replace('acc-a', 'acc-b'), subject: 'acc-a' }, {}];
    for (const context of others)
      await expect(open(context as Record<string, string>)).rejects.toMatchObject({ code: 'ERR_KMS_INVALID_CIPHERTEXT' });
  });

  it('R9.1-3: a key row put in the place of another opens nothing', async () => {
    const table = world.state.keys.as('archive');
    const [a] = await table.list('usage/acc-a/');
    const [b] = await destroyAll('usage/acc-b/');
    const forged = b!.id.replace(/\d{13}$/, (digits) => String(Number(digits) + 1).padStart(13, '0'));
    await table.putIfAbsent({ ...a!, id: forged });
    const keyring = world.state.keyring('close-day');
    await expect(keyring.openingKey(forged)).rejects.toMatchObject({ code: 'ERR_KMS_INVALID_CIPHERTEXT' });
  });

  it('R9.1-3: neither readings nor keys are found in any file, log included', async () => {
    const files = world.state.directory;
    const rows = await Promise.all(['usage/acc-a/', 'billing/acc-a/'].map((prefix) => world.state.keys.as('archive').list(prefix)));
    const keys = await Promise.all(
      rows.flat().map(({ id, wrapped }) => world.state.kms.as('archive').decrypt('subject-kek', wrapped, { row: id, subject: 'acc-a' })),
    );
    expect(keys).toHaveLength(2);
    for (const secret of [knownBytes(OF_A), knownBytes(OF_B), ...keys]) expect(filesWith(files, secret)).toEqual([]);
  });

  it('R9.1-3: the scan finds the readings where they are stored in clear (positive control)', async () => {
    const clear = await newState({ ...defencesUnderTest(), sealedStorage: false });
    await closeDay({ ...world.as('close-day'), events: clear.store('close-day') }, OF_A);
    expect(filesWith(clear.directory, knownBytes(OF_A))).toContain(join(clear.directory, 'events.db-wal'));
    clear.close();
    discard(clear.directory);
  });

  it('R9.1-3: billing reads no day of a customer it has not opened, whatever right to the keys it has', async () => {
    expect(await readDay(world.as('billing'), streamOf(OF_A), 'acc-b')).toBe('ERR_SUBJECT_SEALED');
    const borrowed = await accessTo(world.as('close-day'), 'acc-a');
    await expect(all(world.as('billing').events.read(streamOf(OF_A), 0, borrowed))).rejects.toMatchObject({ code: 'ERR_SUBJECT_SEALED' });
    expect(endsIn(await readDay(world.as('billing'), streamOf(OF_A), 'acc-a'))).toHaveLength(96);
  });

  it.each([['ingest'], ['keys'], ['enrol'], ['maintenance']])(
    'R9.1-1, R9.1-3: %s opens no day and no bill even with an access',
    async (principal) => {
      const platform = world.as(principal);
      const access = grantSubjectAccess({ principal, purpose: 'audit', from: 0, until: 9e12 }, ['acc-a']);
      for (const stream of [streamOf(OF_A), billStream('acc-a')]) {
        await expect(all(platform.events.read(stream, 0, access))).rejects.toMatchObject({ code: DENIED });
      }
    },
  );

  it.each([['ingest'], ['keys'], ['enrol'], ['auditor']])(
    'R9.1-3: %s cannot even ask, because it may not write down that it did',
    async (principal) => {
      await expect(accessTo(world.as(principal), 'acc-a')).rejects.toMatchObject({ code: 'ERR_STREAM_KEY_COLD' });
    },
  );

  it('R9.1-1, R9.1-3: who may only read days writes none, and none who closes days writes a bill', async () => {
    for (const principal of ['billing', 'export', 'relay', 'ingest']) {
      await expect(closeDay(world.as(principal), frameOf(METER, '2026-10-09', 'acc-z')), principal).rejects.toMatchObject({
        code: 'ERR_STREAM_KEY_COLD',
      });
    }
    await expect(bill(world.as('close-day'), 'acc-z')).rejects.toMatchObject({ code: 'ERR_STREAM_KEY_COLD' });
  });

  it('R9.1-3: the auditor verifies what it may not read', async () => {
    const auditor = world.as('auditor');
    await expect(all(auditor.events.read(streamOf(OF_A)))).rejects.toMatchObject({ code: 'ERR_SUBJECT_SEALED' });
    const report = await verifyStream(world.state.database, streamOf(OF_A), verifyOptions(world.state));
    expect(report).toMatchObject({ commits: 1, events: 2, erased: 0 });
    expect(report.bad).toBeUndefined();
  });
});

describe('the service in one process', () => {
  it('R9.1-3: forgets a destroyed key at once, whoever had it in memory', async () => {
    const stateDir = temporaryDirectory();
    const embedded = await createEmbeddedPlatform({ stateDir, clock: new TestClock(), defences: defencesUnderTest(), timer: false });
    await closeDay(embedded.as('close-day'), OF_A);
    expect(endsIn(await readDay(embedded.as('billing'), streamOf(OF_A), 'acc-a'))).toHaveLength(96);
    const table = embedded.as('archive').keys;
    for (const { id } of await table.list('usage/acc-a/')) await table.destroy(id);
    for (const principal of ['close-day', 'billing']) expect(await readDay(embedded.as(principal), streamOf(OF_A), 'acc-a')).toEqual([]);
    await embedded.close();
    discard(stateDir);
  });
});

function billStream(account: string): string {
  return `bill/${account}/up-0.2026-10-01`;
}

async function bill({ events }: Platform, account: string): Promise<void> {
  const subject: SubjectKey = { of: 'billing', subject: account };
  const period = { accountId: account, usagePoint: 'up-0', from: '2026-10-01', until: '2026-11-01' };
  const data = { period, reasons: ['missing' as const], missing: 3, estimatedShare: 0, failed: 0, until: 1, at: 1 };
  const commit = { commitId: idOf(account), events: [{ type: 'BillHeld', data } as const], subject };
  await events.append(await events.head(billStream(account), subject), commit).durable;
}

async function billsOf(platform: Platform, account: string): Promise<number> {
  const commits = await all(platform.events.read(billStream(account), 0, await accessTo(platform, account)));
  return commits.flatMap(({ events }) => events).length;
}
