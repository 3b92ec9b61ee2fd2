import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DiskSpool } from '../../devices/concentrator/disk-spool.ts';
import { EpochVault } from '../../lambdas/shared/keys/epoch-vault.ts';
import { epochKeys } from '../../protocol/keys.ts';
import { KMS_KEYS, type KmsOperation } from '../../topology/keys.ts';
import { PRINCIPALS } from '../../topology/principals.ts';
import { copyOf, filesOf, found, type Known } from './scan.ts';
import { HOUR, MONDAY, Street } from './street.ts';

const LOAD = [0x15a1, 0x17c3, 0x1b5d, 0x16d7];
const value = (_index: number, end: number): number => LOAD[(Math.round(end / 900_000) + 3) % 4]!;
/** Four quarter-hours as they stand in a frame's plaintext. */
const READING: Known = { name: 'reading', bytes: Buffer.from('15a117c31b5d16d7', 'hex') };
/** Of a state directory: the CA's own keys and the key service's root key, which in AWS no one has as a file. */
const OWN_KEYS = ['ca/', 'kms-root.key'];
const directory = mkdtempSync(join(tmpdir(), 'joulekeep-secrets-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Epoch secrets and what is derived from them, and shard keys: as plaintext, through the one role that may. */
async function knownKeys(street: Street): Promise<Known[]> {
  const keys = street.service.platform.as('keys');
  const known: Known[] = [];
  for (const { home } of street.members) {
    for (const { epoch, secret } of await new EpochVault(keys).secrets(home.meterId)) {
      const { chain0, macDown } = epochKeys(secret);
      const name = `${home.meterId} epoch ${epoch}`;
      known.push({ name: `${name} secret`, bytes: secret }, { name: `${name} chain`, bytes: chain0 });
      known.push({ name: `${name} mac`, bytes: macDown.export() });
    }
  }
  for (const { id, wrapped } of await keys.keys.list('shard/')) {
    known.push({ name: id, bytes: await keys.kms.decrypt('shard-kek', wrapped, { shard: id.split('/')[1]! }) });
  }
  return known;
}

/** A street that has lived through four hours, a fifth of which waits in the queue, and a batch among the dead letters. */
async function livedStreet(): Promise<{ street: Street; stopped: string }> {
  const street = await Street.open({ meters: 6, value, spool: (dcId) => new DiskSpool(join(directory, `${dcId}-${Math.random()}.spool`)) });
  street.keepWire = true;
  await street.live(MONDAY + 4 * HOUR);
  const { platform } = street.service;
  const batch = street.wire.findLast(({ topic }) => topic.includes('telemetry'))!.payload.toString('base64');
  await platform.queues.send('telemetry', JSON.stringify({ dcId: 'dc-1', brokerTime: 'no time', batch }));
  await street.service.settle();
  expect((await platform.queues.depth('telemetry-dlq')).visible).toBe(1);
  await platform.host.stop();
  for (let end = MONDAY + 4.25 * HOUR; end <= MONDAY + 5 * HOUR; end += HOUR / 4) {
    for (const { index, meter } of street.members) meter.measure(0, end, value(index, end));
  }
  street.now = MONDAY + 5 * HOUR + 180_000;
  street.service.clock.step(street.now);
  await street.say();
  await street.seats.get('dc-1')!.relay.flush();
  expect((await platform.queues.depth('telemetry')).visible).toBe(1);
  return { street, stopped: copyOf(street.service.stateDir, join(directory, `copy-${Math.random()}`)) };
}

describe('keys and readings at rest and on the way', () => {
  it('R9.1-1: no key and no reading at the broker, in a queue, in dead letters, in logs', async () => {
    const { street, stopped } = await livedStreet();
    const known = [READING, ...(await knownKeys(street))];
    expect(known.length).toBeGreaterThan(18);
    const places = filesOf(stopped, ['ca/', 'events.db', 'keys.db', 'kms', 'directory.db', 'devices.db', 'objects/']);
    expect([...places.keys()]).toEqual(expect.arrayContaining(['queues.db', 'log.jsonl']));
    places.set('broker', Buffer.concat(street.wire.map(({ topic, payload }) => Buffer.concat([Buffer.from(topic), payload]))));
    expect(found(places, known)).toEqual([]);
    // the positive control: the queue file does hold the frames, and what were there would be found in every form
    const frame = street.wire.findLast(({ topic }) => topic.includes('telemetry'))!.payload.subarray(-60);
    expect(found(places, [{ name: 'frame', bytes: frame }]).map(database)).toEqual(['frame in queues.db', 'frame in broker']);
    for (const encoding of ['latin1', 'hex', 'base64'] as const) {
      const planted = known.map(({ bytes }, i) =>
        Buffer.from(Buffer.concat([Buffer.alloc(i % 3, 7), bytes, Buffer.alloc(5, 9)]).toString(encoding), 'latin1'),
      );
      expect(found(new Map([['planted', Buffer.concat(planted.flatMap((text) => [text, Buffer.from('\n')]))]]), known)).toHaveLength(
        known.length,
      );
    }
    await street.close();
  });

  it('R9.1-1: no other role uses the keys', async () => {
    const street = await Street.open({ meters: 1 });
    await street.live(MONDAY + HOUR);
    const { platform } = street.service;
    const { meterId } = street.member(0).home;
    const opened: string[] = [];
    for (const principal of PRINCIPALS) {
      await new EpochVault(platform.as(principal)).secrets(meterId).then(
        () => opened.push(principal),
        () => undefined,
      );
    }
    expect(opened.sort()).toEqual(['ingest', 'keys']);
    for (const { id, allow } of KMS_KEYS) {
      for (const principal of PRINCIPALS) {
        const denied = await deniedOperations(street, principal, id);
        const allowed: readonly KmsOperation[] = allow[principal] ?? [];
        expect(denied, `${principal} on ${id}`).toEqual(TRIED.filter((operation) => !allowed.includes(operation)));
      }
    }
    await street.close();
  });

  it('R9.1-3: no reading and no key in databases, write-ahead logs, spools, logs, objects and the environment', async () => {
    const { street, stopped } = await livedStreet();
    const known = [READING, ...(await knownKeys(street))];
    const places = filesOf(stopped, OWN_KEYS);
    expect([...places.keys()]).toEqual(expect.arrayContaining(['events.db', 'keys.db', 'queues.db', 'directory.db', 'log.jsonl']));
    const spools = [...filesOf(directory)].filter(([name]) => name.endsWith('.spool'));
    expect(spools.some(([, content]) => content.length > 500)).toBe(true);
    for (const [name, content] of spools) places.set(name, content);
    places.set('environment', execFileSync('cat', [`/proc/${process.pid}/environ`]));
    expect(found(places, known)).toEqual([]);
    // the positive control: wrapped keys are there, and a meter's own memory holds the reading
    const rows = await street.service.platform.as('keys').keys.list('epoch/');
    expect(found(places, [{ name: 'row', bytes: rows[0]!.wrapped }]).map(database)).toContain('row in keys.db');
    const memory = new Map([['meter', street.member(0).profile.snapshot()]]);
    const counts = Buffer.from(Uint16Array.from(LOAD).buffer);
    expect(found(memory, [{ name: 'reading', bytes: counts }])).toEqual(['reading in meter']);
    await street.close();
  });
});

const TRIED: readonly KmsOperation[] = ['generateDataKey', 'decrypt', 'deriveSharedSecret', 'sign'];

/** A write-ahead log is its database. */
const database = (place: string): string => place.replace(/-wal$/, '');

/** Operations of the key service that the role is denied, whatever the key would say to them. */
async function deniedOperations(street: Street, principal: string, key: string): Promise<KmsOperation[]> {
  const { kms } = street.service.platform.as(principal);
  const some = Buffer.alloc(64, 1);
  const tries: Readonly<Partial<Record<KmsOperation, () => Promise<unknown>>>> = {
    generateDataKey: () => kms.generateDataKey(key, { shard: '1' }),
    decrypt: () => kms.decrypt(key, some, { shard: '1' }),
    deriveSharedSecret: () => kms.deriveSharedSecret(key, some),
    sign: () => kms.sign(key, some),
  };
  const denied: KmsOperation[] = [];
  for (const operation of TRIED) {
    await tries[operation]!().catch((error: { code?: string }) => {
      if (error.code === 'ERR_KMS_ACCESS_DENIED') denied.push(operation);
    });
  }
  return denied;
}
