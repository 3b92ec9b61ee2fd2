import { describe, expect, it } from 'vitest';
import { enrolMeters } from '../../lambdas/enrol/enrol-meters.ts';
import { enrolRelay } from '../../lambdas/enrol/enrol-relay.ts';
import { amendMeter } from '../../lambdas/enrol/standing.ts';
import type { StockEntry } from '../../lambdas/enrol/stock.ts';
import { KnownMeters, segmentOf } from '../../lambdas/shared/devices/known-meters.ts';
import { Segments } from '../../lambdas/shared/segments.ts';
import { meterThing } from '../../topology/device-access.ts';
import { csrFor, deviceKey, type LeafOptions, outdatedCertificate } from '../support/memory-ca.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { ASSET, DAY } from './facts.ts';

const idOf = (i: number) => (0x00124b0000000000n + BigInt(i)).toString(16).padStart(16, '0');

async function stock(
  world: MemoryWorld,
  count: number,
  relayOf: (i: number) => string = () => 'north-1',
  first = 0,
): Promise<StockEntry[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const meterId = idOf(first + i);
      const { csr } = await deviceKey(meterThing(meterId));
      const certificate = await world.ca.issue('meter', csr, validity(world, meterId));
      return { meterId, certificate, asset: ASSET, relays: [relayOf(first + i)] };
    }),
  );
}

function validity(world: MemoryWorld, meterId: string): LeafOptions {
  return { commonName: meterThing(meterId), notBefore: world.clock.now() - DAY, notAfter: world.clock.now() + DAY };
}

function membersOf(world: MemoryWorld, segment: string): string[] {
  return world.events.eventsOf(`segment/${segment}`).flatMap((event) => (event.type === 'MeterJoined' ? [event.data.meterId] : []));
}

async function segmentsUsed(world: MemoryWorld): Promise<string[]> {
  const names: string[] = [];
  for await (const stream of world.events.streams('segment/')) names.push(stream.slice('segment/'.length));
  return names;
}

describe('bulk enrolment', () => {
  it('writes stream, segment, routes and registry, and says how far it is', async () => {
    const world = new MemoryWorld();
    const platform = world.as('enrol');
    const progress: string[] = [];
    const report = await enrolMeters(platform, await stock(world, 3), {
      issuer: await world.ca.certificate('meter'),
      onProgress: (done, total) => progress.push(`${done}/${total}`),
    });
    expect(report).toEqual({ enrolled: 3, already: 0, refused: [] });
    expect(progress).toEqual(['3/3']);
    expect(world.events.eventsOf(`meter/${idOf(0)}`).map(({ type }) => type)).toEqual([
      'MeterEnrolled',
      'SegmentAssigned',
      'RelayAssigned',
      'MeterActivated',
    ]);
    expect(membersOf(world, '00000').sort()).toEqual([idOf(0), idOf(1), idOf(2)]);
    expect(await segmentOf(world.directory, idOf(1))).toBe('00000');
    const known = new KnownMeters(world.directory);
    await known.refresh();
    expect(known.count).toBe(3);
    expect(await world.devices.find(meterThing(idOf(2)))).toMatchObject({ role: 'meter', certificates: [{ status: 'active' }] });
  });

  it('changes nothing the second time, and brings back no revoked certificate', async () => {
    const world = new MemoryWorld();
    const entries = await stock(world, 20);
    await enrolMeters(world.as('enrol'), entries);
    const { certificates } = (await world.devices.find(meterThing(idOf(0))))!;
    await world.devices.revoke(certificates[0]!.fingerprint);
    const before = world.events.bodies().length;
    const moved = entries.map((entry) => ({ ...entry, relays: ['north-9'] }));
    expect(await enrolMeters(world.as('enrol'), moved)).toEqual({ enrolled: 0, already: 20, refused: [] });
    expect(world.events.bodies()).toHaveLength(before);
    expect((await world.devices.find(meterThing(idOf(0))))!.certificates.map(({ status }) => status)).toEqual(['revoked']);
  });

  it('heals whatever a broken run left undone', async () => {
    const world = new MemoryWorld();
    const entries = await stock(world, 30);
    for (let lives = 0; lives < 40; lives++) {
      let left = lives * 2;
      world.events.afterAppend = () => {
        if (left-- <= 0) throw new Error('power cut');
      };
      await enrolMeters(world.as('enrol'), entries).catch(() => undefined);
    }
    world.events.afterAppend = undefined;
    await enrolMeters(world.as('enrol'), entries);
    const members = (await segmentsUsed(world)).flatMap((segment) => membersOf(world, segment));
    expect(members.sort()).toEqual(entries.map(({ meterId }) => meterId));
    for (const { meterId } of entries) expect(await segmentOf(world.directory, meterId)).toBeDefined();
  });

  it('C10.1-2: D10 refuses a certificate of the wrong CA, use, subject, time or algorithm', async () => {
    const world = new MemoryWorld();
    const at = world.clock.now();
    const make = async (name: string, over: Partial<LeafOptions>, role: 'meter' | 'stranger' | 'concentrator' = 'meter') => {
      const meterId = idOf(name.length * 1_000);
      const { csr } = await deviceKey(meterThing(meterId));
      return { name, meterId, certificate: await world.ca.issue(role, csr, { ...validity(world, meterId), ...over }) };
    };
    const hostile = [
      await make('certificate-wrong-issuer', {}, 'stranger'),
      await make('certificate-wrong-issuer ', {}, 'concentrator'),
      await make('certificate-wrong-use', { ca: true }),
      await make('certificate-wrong-use ', { extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] }),
      await make('certificate-wrong-subject', { commonName: meterThing(idOf(1)) }),
      await make('certificate-expired', { notAfter: at - 1_000 }),
      await make('certificate-not-yet-valid', { notBefore: at + DAY, notAfter: at + 2 * DAY }),
      { name: 'certificate-unreadable', meterId: idOf(77_000), certificate: Buffer.from('junk') },
    ];
    for (const { name, meterId, certificate } of hostile) {
      const entry = { meterId, certificate, asset: ASSET, relays: ['north-1'] };
      const report = await enrolMeters(world.as('enrol'), [entry], { issuer: await world.ca.certificate('meter') });
      expect(report).toEqual({ enrolled: 0, already: 0, refused: [{ meterId, reason: name.trim() }] });
      expect(world.events.eventsOf(`meter/${meterId}`)).toEqual([]);
    }
  });

  it('C10.1-2: D10 refuses RSA and SHA-1', async () => {
    const world = new MemoryWorld();
    for (const kind of ['rsa-1024', 'sha-1'] as const) {
      const certificate = await outdatedCertificate(meterThing(idOf(1)), kind, validity(world, idOf(1)));
      const entry = { meterId: idOf(1), certificate, asset: ASSET, relays: ['north-1'] };
      const report = await enrolMeters(world.as('enrol'), [entry]);
      expect(report.refused).toEqual([{ meterId: idOf(1), reason: 'certificate-wrong-algorithm' }]);
    }
  });

  it('refuses a line that makes no sense and enrols the others', async () => {
    const world = new MemoryWorld();
    const [entry, other] = await stock(world, 2);
    const lines = [
      { ...entry!, meterId: 'METER' },
      { ...entry!, relays: [] },
      { ...entry!, asset: { ...ASSET, zone: 'Europe/Atlantis' } },
      { ...entry!, asset: { ...ASSET, intervalMinutes: 7 } },
      { ...entry!, asset: { ...ASSET, channels: [] } },
      other!,
    ];
    const report = await enrolMeters(world.as('enrol'), lines);
    expect(report.enrolled).toBe(1);
    expect(report.refused.map(({ reason }) => reason)).toEqual(['meter-id', 'relays', 'zone', 'interval', 'channels']);
  });

  it('leaves meters in stock inactive when told so', async () => {
    const world = new MemoryWorld();
    const [entry] = await stock(world, 1);
    await enrolMeters(world.as('enrol'), [entry!], { activate: false });
    expect(world.events.eventsOf(`meter/${entry!.meterId}`).map(({ type }) => type)).not.toContain('MeterActivated');
  });

  it('changes of relay and standing reach the segment', async () => {
    const world = new MemoryWorld();
    const [entry] = await stock(world, 1);
    await enrolMeters(world.as('enrol'), [entry!]);
    const platform = world.as('enrol');
    const segments = new Segments(platform);
    const at = world.clock.now();
    await amendMeter(platform, segments, entry!.meterId, { type: 'AssignRelay', dcId: 'north-2', from: at });
    await amendMeter(platform, segments, entry!.meterId, { type: 'Quarantine', reason: 'tamper', at });
    expect(world.events.eventsOf('segment/00000').at(-1)).toMatchObject({
      type: 'MemberAmended',
      data: { status: 'quarantined', relays: [{ dcId: 'north-1' }, { dcId: 'north-2' }] },
    });
  });

  it('registers a concentrator once', async () => {
    const world = new MemoryWorld();
    const { privateKey, publicKey } = await deviceKey('x');
    const csr = await csrFor('dc-north-1', privateKey, publicKey);
    const certificate = await world.ca.issue('concentrator', csr, { ...validity(world, idOf(0)), commonName: 'dc-north-1' });
    await enrolRelay(world.as('enrol'), 'north-1', certificate);
    await enrolRelay(world.as('enrol'), 'north-1', certificate);
    expect(world.events.eventsOf('relay/north-1').map(({ type }) => type)).toEqual(['RelayRegistered']);
    await expect(enrolRelay(world.as('enrol'), 'North/1', certificate)).rejects.toMatchObject({ code: 'ERR_RELAY_ID' });
  });
});
