import { randomBytes, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { DomainEvent } from '../../events/index.ts';
import { csrFor, deviceKey } from './memory-ca.ts';
import { MemoryWorld } from './memory-platform.ts';

const event = (at: number): DomainEvent => ({ type: 'MeterActivated', data: { at } });
const commit = (at: number) => ({ commitId: randomBytes(32), events: [event(at)] });

describe('the memory platform', () => {
  it('lets one of two writers of a version win and names the winner', async () => {
    const { events } = new MemoryWorld();
    const head = await events.head('meter/1');
    const winner = commit(1);
    const first = events.append(head, winner);
    const second = events.append(head, commit(2));
    await expect(first.durable).resolves.toBe('appended');
    await expect(second.durable).rejects.toMatchObject({ code: 'ERR_VERSION_CONFLICT', winner: winner.commitId });
    expect(events.eventsOf('meter/1')).toEqual([event(1)]);
  });

  it('rejects what was prepared on a head that lost', async () => {
    const { events } = new MemoryWorld();
    const head = await events.head('meter/1');
    const winner = events.append(head, commit(1));
    const loser = events.append(head, commit(2));
    const onTop = events.append(loser.head, commit(3));
    await expect(winner.durable).resolves.toBe('appended');
    await expect(loser.durable).rejects.toMatchObject({ code: 'ERR_VERSION_CONFLICT' });
    await expect(onTop.durable).rejects.toMatchObject({ code: 'ERR_VERSION_CONFLICT' });
  });

  it('recognises an own retry by commit id', async () => {
    const { events } = new MemoryWorld();
    const head = await events.head('meter/1');
    const same = commit(1);
    await expect(events.append(head, same).durable).resolves.toBe('appended');
    await expect(events.append(head, same).durable).resolves.toBe('repeated');
    expect(events.eventsOf('meter/1')).toHaveLength(1);
  });

  it('lets principals use only the keys their policy names', async () => {
    const world = new MemoryWorld();
    const peer = await world.as('keys').kms.getPublicKey('agreement-1');
    await expect(world.as('keys').kms.deriveSharedSecret('agreement-1', peer)).resolves.toHaveLength(32);
    await expect(world.as('ingest').kms.deriveSharedSecret('agreement-1', peer)).rejects.toMatchObject({ code: 'ERR_KMS_ACCESS_DENIED' });
    const { wrapped } = await world.as('keys').kms.generateDataKey('shard-kek', { shard: '7' });
    await expect(world.as('ingest').kms.decrypt('shard-kek', wrapped, { shard: '7' })).resolves.toHaveLength(32);
    await expect(world.as('ingest').kms.decrypt('shard-kek', wrapped, { shard: '8' })).rejects.toMatchObject({
      code: 'ERR_KMS_INVALID_CIPHERTEXT',
    });
  });

  it('issues certificates to requests signed by their own key, and to no other', async () => {
    const { devices } = new MemoryWorld();
    const meter = await deviceKey('00124b0000000001');
    const der = await devices.issueCertificate('m-00124b0000000001', 'meter', meter.csr);
    const certificate = new X509Certificate(der);
    expect(certificate.subject).toBe('CN=m-00124b0000000001');
    expect(certificate.publicKey.equals(meter.publicKey)).toBe(true);
    const stranger = await deviceKey('x');
    const forged = await csrFor('00124b0000000001', stranger.privateKey, meter.publicKey);
    await expect(devices.issueCertificate('m-00124b0000000001', 'meter', forged)).rejects.toMatchObject({ code: 'ERR_CSR_REFUSED' });
  });
});
