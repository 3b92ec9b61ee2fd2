import type { KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EpochVault } from '../../lambdas/shared/keys/epoch-vault.ts';
import { loadKeyring } from '../../lambdas/shared/keys/manifest.ts';
import { FrameOpener, readHeader } from '../../protocol/frame.ts';
import { ecdh, type Hello, parseAccept, parseHello, pointToSpki, type SignedMessage } from '../../protocol/handshake.ts';
import { agreeEpochSecret, epochKeys, generationOf } from '../../protocol/keys.ts';
import { copyOf, filesOf, found, type Known } from './scan.ts';
import { DAY, HOUR, MONDAY, Street } from './street.ts';

/** As the row says; all of them go the whole way, over MQTT. */
const METERS = 500;
const directory = mkdtempSync(join(tmpdir(), 'joulekeep-epochs-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('rotation with meters offline', () => {
  for (const days of [20, 44]) {
    it(`C10.1-6: rotation with ${METERS} meters offline for ${days} days: they lose nothing, and their overdue epochs are alarmed`, {
      timeout: 600_000,
    }, async () => {
      const street = await Street.open({ meters: METERS, intervalMinutes: 30 });
      await street.live(MONDAY + 6 * HOUR);
      for (const { home } of street.members) street.offline.add(home.meterId);
      await street.live(MONDAY + 6 * HOUR + days * DAY, DAY);
      street.offline.clear();
      await street.live(street.measuredTo + DAY, 2 * street.period);
      expect(await street.quiesce()).toBe(0);
      const { stored, measured } = await street.digests();
      expect(stored).toBe(measured);
      const events = await street.service.events('meter/');
      const overdue = new Set(events.flatMap((event) => (event.type === 'EpochOverdue' ? [event.data.epoch] : [])));
      expect([...overdue]).toEqual([1]);
      expect(events.filter((event) => event.type === 'EpochOverdue')).toHaveLength(METERS);
      expect(filesOf(street.service.stateDir, ['fleet/']).get('log.jsonl')!.toString()).toContain('EPOCH_OVERDUE');
      await street.close();
    });
  }
});

interface Captured {
  readonly frames: Buffer[];
  readonly hellos: SignedMessage<Hello>[];
  readonly accepts: Buffer[];
}

/** Takes down what goes through a concentrator. */
function capture(street: Street, dcId: string): Captured {
  const captured: Captured = { frames: [], hellos: [], accepts: [] };
  street.tampering.set(dcId, {
    up: (output) => {
      if (output.kind === 'frame') captured.frames.push(output.bytes);
      if (output.kind === 'hello') captured.hellos.push(parseHello(output.bytes));
      return [output];
    },
    down: (meterId, bytes) => {
      try {
        parseAccept(bytes);
        captured.accepts.push(bytes);
      } catch {
        // an acknowledgement
      }
      return [{ meterId, bytes }];
    },
  });
  return captured;
}

/** How many of the frames open under any generation of any of the secrets. */
function openedBy(frames: readonly Buffer[], secrets: readonly Buffer[]): number {
  const opener = new FrameOpener();
  return frames.filter((frame) => {
    const { generation } = readHeader(frame, 0);
    return secrets.some((secret) => opener.open(frame, 0, frame.length, generationOf(epochKeys(secret).chain0, generation)) !== undefined);
  }).length;
}

/** Whatever secret can be made from a recorded handshake, the agreement key in the key service, and the meter's identity key. */
async function recomputed(street: Street, { hellos, accepts }: Captured, identity: KeyObject): Promise<Buffer[]> {
  const { kms } = street.service.platform.as('keys');
  const { keys } = await loadKeyring(street.service.platform.as('keys'));
  const agreement = keys.find(({ use }) => use === 'agreement')!;
  const secrets: Buffer[] = [];
  for (const hello of hellos) {
    const z1 = await kms.deriveSharedSecret(agreement.kmsKeyId, pointToSpki(hello.message.ephemeral));
    for (const bytes of accepts) {
      const accept = parseAccept(bytes);
      const halves = [z1, ecdh(identity, hello.message.ephemeral), ecdh(identity, accept.message.ephemeral), Buffer.alloc(32)];
      for (const z2 of halves) for (const z of halves) secrets.push(agreeEpochSecret(hello.tbs, accept.tbs, z, z2));
    }
  }
  return secrets;
}

describe('destruction of epochs', () => {
  it('C10.1-6: 14 days after activation no captured frame opens, given database, write-ahead log, backups and identity key', async () => {
    const street = await Street.open({ meters: 2, dcIds: ['dc-1'], intervalMinutes: 30 });
    const captured = capture(street, 'dc-1');
    await street.live(MONDAY + 3 * DAY, 8 * HOUR);
    const frames = captured.frames.splice(0);
    const vault = () => new EpochVault(street.service.platform.as('keys'));
    const meterIds = street.members.map(({ home }) => home.meterId);
    const secrets = await Promise.all(meterIds.map(async (meterId) => (await vault().secret(meterId, 1))!));
    const rows = (await street.service.platform.as('keys').keys.list('epoch/')).map(
      ({ id, wrapped }): Known => ({ name: id, bytes: wrapped }),
    );
    const { stateDir } = street.service;
    expect([openedBy(frames, secrets), rows.length]).toEqual([frames.length, 2]);
    expect(found(filesOf(copyOf(stateDir, join(directory, 'young'))), rows)).not.toEqual([]);
    // backups hold the event store and the objects; the key table has none
    const backup = filesOf(join(directory, 'young'), ['keys.db', 'kms', 'ca/']);
    const activated = (await street.service.events('meter/')).flatMap((event) => (event.type === 'EpochActivated' ? [event.data.at] : []));
    while (street.now < Math.max(...activated) + 14 * DAY) await street.live(street.measuredTo + 8 * HOUR, 8 * HOUR);
    const left = filesOf(copyOf(stateDir, join(directory, 'old')), ['ca/']);
    for (const [name, content] of backup) left.set(`backup/${name}`, content);
    const kept = await Promise.all(meterIds.flatMap((meterId) => [1, 2, 3].map((epoch) => vault().secret(meterId, epoch))));
    const usable = kept.filter((secret) => secret !== undefined);
    expect(usable.length).toBeGreaterThan(1);
    const { privateKey } = street.member(0).meter.identity;
    usable.push(...(await recomputed(street, captured, privateKey)));
    expect(openedBy(frames, usable)).toBe(0);
    expect(found(left, [...rows, ...secrets.map((bytes, i) => ({ name: `secret ${i}`, bytes }))])).toEqual([]);
    await street.close();
  });
});
