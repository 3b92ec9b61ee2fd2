import { createSecretKey, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBlob, parseBlob, sealBlob } from '../../platform/embedded/kms/blob.ts';
import { SoftwareKms } from '../../platform/embedded/kms/kms.ts';
import { CONTRACT_KEYS, kmsContract } from '../contract/kms.ts';
import { DAY, discard, filesWith, TestClock, temporaryDirectory } from '../contract/support/state.ts';
import { defencesUnderTest } from '../support/defences.ts';

function openKms(directory: string, clock: TestClock): SoftwareKms {
  const paths = { path: join(directory, 'kms.db'), rootKeyPath: join(directory, 'kms.root') };
  return new SoftwareKms({ ...paths, clock, defences: defencesUnderTest(), keys: CONTRACT_KEYS });
}

kmsContract('embedded', async () => {
  const directory = temporaryDirectory();
  const clock = new TestClock();
  const service = openKms(directory, clock);
  const { admin } = service;
  await admin.createMissing();
  return {
    kms: service.as('ingest'),
    stranger: service.as('enrol'),
    rotate: async (keyId) => void (await admin.rotate(keyId)),
    setEnabled: (keyId, enabled) => admin.setEnabled(keyId, enabled),
    scheduleDeletion: async (keyId, days) => void (await admin.scheduleDeletion(keyId, days)),
    cancelDeletion: (keyId) => admin.cancelDeletion(keyId),
    passDays: (days) => clock.advance(days * DAY),
    close: async () => {
      service.close();
      discard(directory);
    },
  };
});

describe('the software key service', () => {
  let directory: string;
  let clock: TestClock;
  let service: SoftwareKms;

  beforeEach(async () => {
    directory = temporaryDirectory();
    clock = new TestClock();
    service = openKms(directory, clock);
    await service.admin.createMissing();
  });
  afterEach(() => {
    service.close();
    discard(directory);
  });

  it('keeps its keys when it is opened again', async () => {
    const wrapped = await service.as('ingest').encrypt('kek', Buffer.from('x'), {});
    const publicKey = await service.as('ingest').getPublicKey('signer');
    service.close();
    service = openKms(directory, clock);
    expect(await service.as('ingest').decrypt('kek', wrapped, {})).toEqual(Buffer.from('x'));
    expect(await service.as('ingest').getPublicKey('signer')).toEqual(publicKey);
    expect(await service.admin.createMissing()).toEqual([]);
    await expect(service.admin.createKey('kek')).rejects.toMatchObject({ code: 'ERR_KMS_ALREADY_EXISTS' });
  });

  it('R9.1-3: key material is sealed under a root key that only the owner can read', async () => {
    const rootPath = join(directory, 'kms.root');
    expect(statSync(rootPath).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'kms.db')).mode & 0o777).toBe(0o600);
    const pkcs8 = Buffer.from('302e0201', 'hex');
    const ecPrivateKeyHeader = Buffer.from('3081870201003013', 'hex');
    for (const header of [pkcs8, ecPrivateKeyHeader]) expect(filesWith(directory, header)).toEqual([]);
    expect(filesWith(directory, readFileSync(rootPath))).toEqual([rootPath]);
  });

  it('refuses a root key file that others can read, that is cut, or that is missing while keys need it', () => {
    const rootPath = join(directory, 'kms.root');
    const refused = expect.objectContaining({ code: 'ERR_KMS_ROOT_KEY' });
    service.close();
    chmodSync(rootPath, 0o644);
    expect(() => openKms(directory, clock)).toThrow(refused);
    chmodSync(rootPath, 0o600);
    renameSync(rootPath, `${rootPath}.away`);
    expect(() => openKms(directory, clock)).toThrow(refused);
    expect(existsSync(rootPath)).toBe(false);
    renameSync(`${rootPath}.away`, rootPath);
    service = openKms(directory, clock);
  });

  it('another root key opens nothing', async () => {
    const wrapped = await service.as('ingest').encrypt('kek', Buffer.from('x'), {});
    service.close();
    const elsewhere = temporaryDirectory();
    openKms(elsewhere, clock).close();
    renameSync(join(elsewhere, 'kms.root'), join(directory, 'kms.root'));
    discard(elsewhere);
    service = openKms(directory, clock);
    await expect(service.as('ingest').decrypt('kek', wrapped, {})).rejects.toMatchObject({ code: 'ERR_KMS_INVALID_CIPHERTEXT' });
  });

  it('R9.1-1: a ciphertext names its key and generation, and opens as that of no other even where the key is the same', () => {
    const key = createSecretKey(randomBytes(32));
    const sealed = sealBlob({ keyId: 'kek', generation: 1 }, key, Buffer.from('x'), { meter: 'm' });
    const openAs = (keyId: string, generation: number) => {
      const { header } = parseBlob(sealBlob({ keyId, generation }, key, Buffer.from('y'), {}));
      return openBlob({ ...parseBlob(sealed), keyId, generation, header }, key, { meter: 'm' });
    };
    expect(openAs('kek', 1)).toEqual(Buffer.from('x'));
    for (const [keyId, generation] of [
      ['ket', 1],
      ['kek', 2],
    ] as const)
      expect(() => openAs(keyId, generation)).toThrow(expect.objectContaining({ code: 'ERR_KMS_INVALID_CIPHERTEXT' }));
  });

  it('C10.1-6: the bytes of a deleted key are gone from file and log', async () => {
    const sealed = materialOf(directory);
    await service.admin.scheduleDeletion('kek', 7);
    expect(filesWith(directory, sealed).length).toBeGreaterThan(0);
    clock.advance(7 * DAY);
    expect(await service.admin.purgeDue()).toEqual(['kek']);
    expect(filesWith(directory, sealed)).toEqual([]);
    expect(statSync(join(directory, 'kms.db-wal')).size).toBe(0);
  });

  it('C10.1-6: keys are rotated when they are due, and described with their generations', async () => {
    expect(await service.admin.rotateDue()).toEqual([]);
    const created = clock.now();
    clock.advance(365 * DAY);
    expect(await service.admin.rotateDue()).toEqual(CONTRACT_KEYS.map(({ id }) => id));
    const { generations, state } = await service.admin.describe('agree');
    expect(state).toBe('enabled');
    expect(generations).toEqual([
      { id: 'agree-1', generation: 1, createdAt: created, acceptedUntil: created + 455 * DAY },
      { id: 'agree-2', generation: 2, createdAt: created + 365 * DAY },
    ]);
    await service.admin.scheduleDeletion('agree', 30);
    expect(await service.admin.describe('agree')).toMatchObject({ state: 'pending-deletion', deletionAt: clock.now() + 30 * DAY });
    await expect(service.admin.describe('none')).rejects.toMatchObject({ code: 'ERR_KMS_NOT_FOUND' });
  });

  it('C10.1-6: a generation that is withdrawn signs nothing from that moment on, also for whoever has just used it', async () => {
    const sign = async (keyId: string) => await service.as('ingest').sign(keyId, Buffer.from('x'));
    await service.admin.rotate('signer');
    const before = sign('signer-1');
    await service.admin.withdraw('signer', 1);
    const after = sign('signer-1');
    expect(await before).toBeInstanceOf(Buffer);
    await expect(after).rejects.toMatchObject({ code: 'ERR_KMS_DISABLED' });
    expect(await sign('signer')).toBeInstanceOf(Buffer);
    const { generations } = await service.admin.describe('signer');
    expect(generations).toMatchObject([{ id: 'signer-1', acceptedUntil: clock.now() }, { id: 'signer-2' }]);
  });

  it('every call is heard of, with who made it and how it ended', async () => {
    service.close();
    const heard: unknown[] = [];
    const paths = { path: join(directory, 'kms.db'), rootKeyPath: join(directory, 'kms.root') };
    service = new SoftwareKms({ ...paths, clock, defences: defencesUnderTest(), keys: CONTRACT_KEYS, onCall: (call) => heard.push(call) });
    await service.as('ingest').generateMac('hmac', Buffer.alloc(1));
    await service
      .as('ingest')
      .encrypt('none', Buffer.alloc(1), {})
      .catch(() => undefined);
    expect(heard).toEqual([
      { at: clock.now(), principal: 'ingest', operation: 'generateMac', keyId: 'hmac', outcome: 'ok' },
      { at: clock.now(), principal: 'ingest', operation: 'encrypt', keyId: 'none', context: {}, outcome: 'ERR_KMS_NOT_FOUND' },
    ]);
  });
});

/** Sealed material of `kek` as it lies in the file. */
function materialOf(directory: string): Buffer {
  const database = new DatabaseSync(join(directory, 'kms.db'), { readOnly: true });
  const row = database.prepare("SELECT material FROM generations WHERE key_id = 'kek'").get() as { material: Uint8Array };
  database.close();
  return Buffer.from(row.material);
}
