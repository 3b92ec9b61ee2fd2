import { randomBytes } from 'node:crypto';
import { copyFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeyDatabase } from '../../platform/embedded/key-table.ts';
import type { KeyTable } from '../../platform/ports/key-table.ts';
import type { Kms } from '../../platform/ports/kms.ts';
import { KMS_KEYS, type KmsOperation, OPERATIONS_OF } from '../../topology/keys.ts';
import { PRINCIPALS } from '../../topology/principals.ts';
import { keyTableContract } from '../contract/key-table.ts';
import { discard, filesWith, newState, type TestState, temporaryDirectory } from '../contract/support/state.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { KMS_PERMISSIONS, TABLE_PERMISSIONS } from './permissions.ts';

keyTableContract('embedded', async () => {
  const directory = temporaryDirectory();
  const keys = new KeyDatabase(join(directory, 'keys.db'), defencesUnderTest());
  return {
    table: keys.as('keys'),
    close: async () => {
      keys.close();
      discard(directory);
    },
  };
});

const EVERYBODY = [...PRINCIPALS, 'broker', 'gateway', 'euis', 'mdms', 'third-party', '', 'KEYS', 'toString', '__proto__'];
const OPERATIONS: readonly KmsOperation[] = [
  'generateDataKey',
  'encrypt',
  'decrypt',
  'deriveSharedSecret',
  'sign',
  'generateMac',
  'getPublicKey',
];
const DENIED = 'ERR_KMS_ACCESS_DENIED';

describe('who may use which key', () => {
  let state: TestState;
  beforeEach(async () => {
    state = await newState();
  });
  afterEach(() => {
    state.close();
    discard(state.directory);
  });

  it('R9.1-1: the truth table names every key, and none twice', () => {
    expect(KMS_KEYS.map(({ id }) => id).sort()).toEqual(Object.keys(KMS_PERMISSIONS).sort());
  });

  it('R9.1-1: every principal but those named is denied every operation on every key', async () => {
    let cases = 0;
    for (const [keyId, permissions] of Object.entries(KMS_PERMISSIONS)) {
      for (const principal of EVERYBODY) {
        for (const operation of OPERATIONS) {
          const outcome = await tryKms(state.kms.as(principal), operation, keyId);
          const permitted = permissions.includes(`${principal} ${operation}`);
          expect(outcome === DENIED, `${principal} ${operation} ${keyId}: ${outcome}`).toBe(!permitted);
          cases += 1;
        }
      }
    }
    expect(cases).toBe(KMS_KEYS.length * EVERYBODY.length * OPERATIONS.length);
    expect(cases).toBe(18 * EVERYBODY.length * OPERATIONS.length);
  });

  it('R9.1-1: a permission names an operation that the key has', () => {
    for (const { usage, allow } of KMS_KEYS) {
      for (const operations of Object.values(allow)) for (const operation of operations) expect(OPERATIONS_OF[usage]).toContain(operation);
    }
  });

  it('R9.1-1: a generation of a key is guarded like the key', async () => {
    expect(await tryKms(state.kms.as('ingest'), 'deriveSharedSecret', 'agreement-1')).toBe(DENIED);
    expect(await tryKms(state.kms.as('keys'), 'getPublicKey', 'agreement-1')).toBe('ok');
  });

  it('R9.1-1: every principal but those named is denied every operation on the rows of the key table', async () => {
    for (const [prefix, permissions] of Object.entries(TABLE_PERMISSIONS)) {
      for (const principal of EVERYBODY) {
        for (const operation of ['get', 'list', 'destroyed', 'put', 'destroy'] as const) {
          const outcome = await tryTable(state.keys.as(principal), operation, `${prefix}of-${principal}/00001`);
          // Whoever may list may ask what was destroyed.
          const permission = `${principal} ${operation === 'destroyed' ? 'list' : operation}`;
          const expected = permissions.includes(permission) ? 'ok' : 'ERR_KEY_TABLE_ACCESS_DENIED';
          expect(outcome, `${principal} ${operation} ${prefix}`).toBe(expected);
        }
      }
    }
  });

  it('R9.1-1: nobody lists across kinds of rows', async () => {
    for (const principal of EVERYBODY) {
      for (const prefix of ['', 'e', 'epoch', 's', 'segment']) {
        expect(await tryTable(state.keys.as(principal), 'list', prefix)).toBe('ERR_KEY_TABLE_ACCESS_DENIED');
      }
    }
  });
});

describe('destruction of keys', () => {
  let directory: string;
  let keys: KeyDatabase;
  beforeEach(() => {
    directory = temporaryDirectory();
    keys = new KeyDatabase(join(directory, 'keys.db'), defencesUnderTest());
  });
  afterEach(() => {
    keys.close();
    discard(directory);
  });

  const put = (table: KeyTable, id: string, wrapped: Buffer) => table.putIfAbsent({ id, wrapped, wrappedBy: 'shard/1/1', createdAt: 1 });

  it('C10.1-6: the bytes of destroyed rows are gone from file and log, those of the others are there', async () => {
    const table = keys.as('keys');
    const rows = Array.from({ length: 2500 }, () => ({ id: `epoch/${randomBytes(8).toString('hex')}/00001`, wrapped: randomBytes(60) }));
    await Promise.all(rows.map(({ id, wrapped }) => put(table, id, wrapped)));
    const doomed = rows.filter((_, index) => index % 3 !== 0);
    // In three waves with writes in between: pages split and join, rows move.
    for (const wave of [0, 1, 2]) {
      await Promise.all(doomed.filter((_, index) => index % 3 === wave).map(({ id }) => table.destroy(id)));
      await Promise.all(Array.from({ length: 300 }, () => put(table, `epoch/${randomBytes(8).toString('hex')}/00002`, randomBytes(60))));
    }
    await table.destroy('epoch/none');
    const file = readFileSync(join(directory, 'keys.db'));
    const found = (wanted: readonly { wrapped: Buffer }[]) => wanted.filter(({ wrapped }) => file.includes(wrapped.subarray(8, 40))).length;
    expect(found(doomed)).toBe(0);
    expect(found(rows.filter((row) => !doomed.includes(row)))).toBe(rows.length - doomed.length);
    expect(statSync(join(directory, 'keys.db-wal')).size).toBe(0);
  });

  it('C10.1-6: wrapped keys lie on overflow pages, which are never moved, and on no page of a tree', async () => {
    const wrapped = Array.from({ length: 200 }, (_, index) => randomBytes(40 + index));
    await Promise.all(wrapped.map((bytes, index) => put(keys.as('keys'), `epoch/${index}/00001`, bytes)));
    await keys.as('keys').destroy('epoch/0/00001');
    const file = readFileSync(join(directory, 'keys.db'));
    const firstBytes = wrapped.slice(1).map((bytes) => file[Math.floor(file.indexOf(bytes.subarray(0, 16)) / 512) * 512]);
    // A page of a tree begins with its type, an overflow page with the number of the next.
    expect(new Set(firstBytes)).toEqual(new Set([0]));
  });

  it('C10.1-6: a destruction that a crash cut short is completed when the table is opened', async () => {
    const wrapped = randomBytes(60);
    await put(keys.as('keys'), 'epoch/a/00001', wrapped);
    // The row is deleted, the log not yet cut: this is what lies on the disk when the process ends here.
    const raw = new DatabaseSync(join(directory, 'keys.db'));
    raw.exec("PRAGMA secure_delete = ON; DELETE FROM rows WHERE id = 'epoch/a/00001'");
    const crashed = temporaryDirectory();
    for (const name of ['keys.db', 'keys.db-wal']) copyFileSync(join(directory, name), join(crashed, name));
    raw.close();
    expect(filesWith(crashed, wrapped)).toEqual([join(crashed, 'keys.db-wal')]);
    const reopened = new KeyDatabase(join(crashed, 'keys.db'), defencesUnderTest());
    expect(filesWith(crashed, wrapped)).toEqual([]);
    reopened.close();
    discard(crashed);
  });

  it('C10.1-6: a destruction that a reader holds up is refused as retryable, and done when tried again', async () => {
    const wrapped = randomBytes(60);
    keys.close();
    keys = new KeyDatabase(join(directory, 'keys.db'), defencesUnderTest(), 20);
    const table = keys.as('keys');
    await put(table, 'epoch/a/00001', wrapped);
    const reader = new DatabaseSync(join(directory, 'keys.db'), { readOnly: true });
    reader.exec('BEGIN; SELECT count(*) FROM rows');
    await expect(table.destroy('epoch/a/00001')).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', retryable: true });
    reader.close();
    await table.destroy('epoch/a/00001');
    expect(filesWith(directory, wrapped)).toEqual([]);
  });

  it('a destroyed row of a stream leaves word of it and is not made again, one that never was does not', async () => {
    const table = keys.as('maintenance');
    await put(table, 'segment/00000/0000000000001', randomBytes(60));
    await table.destroy('segment/00000/0000000000001');
    await table.destroy('segment/00000/0000000000002');
    expect(await keys.wasDestroyed('segment/00000/0000000000001')).toBe(true);
    expect(await keys.wasDestroyed('segment/00000/0000000000002')).toBe(false);
    await expect(put(table, 'segment/00000/0000000000001', randomBytes(60))).rejects.toMatchObject({ code: 'ERR_KEY_DESTROYED' });
  });
});

async function tryKms(kms: Kms, operation: KmsOperation, keyId: string): Promise<string> {
  const bytes = Buffer.alloc(32);
  const calls: Record<KmsOperation, () => Promise<unknown>> = {
    generateDataKey: () => kms.generateDataKey(keyId, {}),
    encrypt: () => kms.encrypt(keyId, bytes, {}),
    decrypt: () => kms.decrypt(keyId, bytes, {}),
    deriveSharedSecret: () => kms.deriveSharedSecret(keyId, bytes),
    sign: () => kms.sign(keyId, bytes),
    generateMac: () => kms.generateMac(keyId, bytes),
    getPublicKey: () => kms.getPublicKey(keyId),
  };
  return await outcomeOf(calls[operation]());
}

async function tryTable(table: KeyTable, operation: 'get' | 'list' | 'destroyed' | 'put' | 'destroy', id: string): Promise<string> {
  const calls = {
    get: () => table.get(id),
    list: () => table.list(id),
    destroyed: () => table.destroyed(id),
    put: () => table.putIfAbsent({ id, wrapped: Buffer.alloc(60), wrappedBy: 'x', createdAt: 1 }),
    destroy: () => table.destroy(id),
  };
  return await outcomeOf(calls[operation]());
}

async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  }
}
