import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Service } from '../../bin/service/service.ts';
import { TownClock } from '../../bin/town/clock.ts';
import { agreementKey, loadKeyring, signingKey } from '../../lambdas/shared/keys/manifest.ts';
import { openManifest } from '../../protocol/manifest.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 5);

describe('the key service by the clock', () => {
  let stateDir: string;
  let clock: TownClock;
  let service: Service;

  beforeEach(async () => {
    stateDir = mkdtempSync(join(tmpdir(), 'joulekeep-key-duties-'));
    clock = new TownClock(START);
    service = await Service.boot({ stateDir, clock, timer: false });
  });
  afterEach(async () => {
    await service.close();
    rmSync(stateDir, { recursive: true });
  });

  const passDays = async (days: number) => {
    clock.step(clock.now() + days * DAY);
    await service.platform.host.runDue();
  };
  const generations = async (id: string) => (await service.platform.kms.admin.describe(id)).generations.length;
  const keyring = () => loadKeyring(service.platform.as('keys'));

  /** Rows of the key service's file, as whoever opens it finds them: the service itself hides what is due. */
  function rowsOnDisk(id: string): number {
    const file = new DatabaseSync(join(stateDir, 'kms.db'), { readOnly: true });
    const { count } = file.prepare('SELECT count(*) AS count FROM generations WHERE key_id = ?').get(id) as { count: number };
    file.close();
    return count;
  }

  it('C10.1-6: rotates a key when its time has come, and tells the meters in a manifest of the next version', async () => {
    const before = await keyring();
    await passDays(364);
    expect([await generations('agreement'), (await keyring()).version]).toEqual([1, 1]);
    await passDays(1);
    expect([await generations('agreement'), await generations('store-kek'), await generations('checkpoint')]).toEqual([2, 2, 1]);
    const after = await keyring();
    expect(after.version).toBe(2);
    expect(signingKey(after, clock.now()).kmsKeyId).toBe('handshake-2');
    const told = openManifest(after.manifest, service.platform.ca.manifestRoot.publicKey, 1);
    expect(told.keys.map(({ keyId }) => keyId)).toEqual(after.keys.map(({ keyId }) => keyId));
    const [old] = before.keys.filter(({ use }) => use === 'agreement');
    expect(agreementKey(after, old!.keyId, clock.now() + 90 * DAY - 1)).toMatchObject({ kmsKeyId: 'agreement-1' });
    expect(agreementKey(after, old!.keyId, clock.now() + 90 * DAY)).toBe('expired');
    await passDays(1);
    expect([await generations('agreement'), (await keyring()).version]).toEqual([2, 2]);
  });

  it('C10.1-6: tells of a generation that a run made before it broke off', async () => {
    await service.platform.kms.admin.rotate('handshake');
    expect(signingKey(await keyring(), clock.now()).kmsKeyId).toBe('handshake-1');
    await passDays(1);
    expect(signingKey(await keyring(), clock.now()).kmsKeyId).toBe('handshake-2');
  });

  it('C10.1-6: a key past its day of deletion is gone from the file, not a day earlier', async () => {
    await service.platform.kms.admin.scheduleDeletion('checkpoint', 7);
    await passDays(6);
    expect(rowsOnDisk('checkpoint')).toBe(1);
    await passDays(1);
    expect(rowsOnDisk('checkpoint')).toBe(0);
  });
});
