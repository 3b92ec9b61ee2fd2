import { beforeEach, describe, expect, it } from 'vitest';
import type { Overview } from '../../api/console.ts';
import type { DeviceView, QuarantinedDevices } from '../../api/devices.ts';
import { meter } from '../../domain/enrolment/meter.ts';
import type { MeterCommand } from '../../domain/enrolment/meter-command.ts';
import type { RelayCommand } from '../../domain/enrolment/relay.ts';
import { CUT_OFF, DeviceProjection, QUARANTINES } from '../../lambdas/project/device-projection.ts';
import { rebuildModel } from '../../lambdas/project/rebuild.ts';
import { deviceTables } from '../../lambdas/project/tables.ts';
import { runRelay } from '../../lambdas/shared/devices/relays.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import type { NewItem, ReadTable } from '../../platform/ports/read-models.ts';
import { FEEDS } from '../../topology/feeds.ts';
import { ASSET } from '../enrolment/facts.ts';
import { contents, follower } from '../project/following.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { fingerprintOf, MemoryWorld } from '../support/memory-platform.ts';
import { ConsoleDoor, projectAll } from './console-world.ts';

const METER = '02a1b2c3d4e5f607';
const OTHER = '02a1b2c3d4e5f608';
const HOUR = 3_600_000;
const ALL = Number.MAX_SAFE_INTEGER;
let world: MemoryWorld;
let door: ConsoleDoor;
beforeEach(() => {
  world = new MemoryWorld();
  door = new ConsoleDoor((principal) => world.as(principal));
});

const iso = (at: number) => new Date(at).toISOString();
const onMeter = (meterId: string, ...commands: MeterCommand[]) => runDecider(world.as('enrol').events, `meter/${meterId}`, meter, commands);
const onRelay = (dcId: string, ...commands: RelayCommand[]) => runRelay(world.as('enrol'), dcId, commands);

async function enrol(meterId: string): Promise<Buffer> {
  const certificate = await world.devices.issueCertificate(`m-${meterId}`, 'meter', (await deviceKey(`m-${meterId}`)).csr);
  const at = world.clock.now();
  await onMeter(
    meterId,
    { type: 'EnrolMeter', meterId, certificate, asset: ASSET, at },
    { type: 'AssignSegment', segment: '00007' },
    { type: 'AssignRelay', dcId: 'one', from: 0 },
    { type: 'ActivateMeter', at },
  );
  return certificate;
}

const list = async (query: Readonly<Record<string, string>> = {}, as = 'olga') =>
  (await door.ask<QuarantinedDevices>('listQuarantined', { role: 'operator', as, query })).body;
const counted = async () => (await door.ask<Overview>('showOverview', { role: 'operator' })).body.quarantined;
const cutOff = async () => {
  await projectAll(world.as('project'));
  return (await list()).devices;
};
const show = (device: string) => door.ask<DeviceView>('showDevice', { role: 'security-officer', as: 'sid', path: { device } });

describe('devices that are cut off', () => {
  it('T8.1-4: are listed with since when, why and by what, and not any more when they are let in or retired', async () => {
    const at = world.clock.now();
    for (const meterId of [METER, OTHER]) await enrol(meterId);
    await onRelay('one', { type: 'RegisterRelay', dcId: 'one', fingerprint: 'f0', at });
    expect(await cutOff()).toEqual([]);
    await onMeter(METER, { type: 'Quarantine', reason: 'flooding', at: at + 1 });
    await onMeter(OTHER, { type: 'Quarantine', reason: 'stolen (it is said) (sid)', at: at + 2 });
    await onRelay('one', { type: 'QuarantineRelay', reason: 'detected/messages-sent', at: at + 3 });
    await onRelay('two', { type: 'QuarantineRelay', reason: 'flood', at: at + 4 });
    expect(await cutOff()).toEqual([
      { kind: 'concentrator', id: 'one', since: iso(at + 3), reason: 'detected/messages-sent', by: 'watch', person: null },
      { kind: 'concentrator', id: 'two', since: iso(at + 4), reason: 'flood', by: 'share', person: null },
      { kind: 'meter', id: METER, since: iso(at + 1), reason: 'flooding', by: 'share', person: null },
      { kind: 'meter', id: OTHER, since: iso(at + 2), reason: 'stolen (it is said)', by: 'person', person: 'sid' },
    ]);
    await onMeter(METER, { type: 'Release', at: at + HOUR });
    await onMeter(OTHER, { type: 'Retire', at: at + HOUR });
    await onRelay('one', { type: 'ReleaseRelay', at: at + HOUR });
    expect(await counted()).toBe(4);
    expect((await cutOff()).map(({ id }) => id)).toEqual(['two']);
    expect(await counted()).toBe(1);
    await onMeter(METER, { type: 'Quarantine', reason: 'flooding', at: at + 2 * HOUR });
    expect((await cutOff()).map(({ id, since }) => [id, since])).toEqual([
      ['two', iso(at + 4)],
      [METER, iso(at + 2 * HOUR)],
    ]);
  });

  it('are the same made anew, and whoever was never cut off has no item', async () => {
    await enrol(METER);
    await enrol(OTHER);
    await onMeter(METER, { type: 'Quarantine', reason: 'flooding', at: world.clock.now() });
    await onRelay('one', { type: 'QuarantineRelay', reason: 'flood', at: 0 }, { type: 'ReleaseRelay', at: 1 });
    await cutOff();
    const before = contents(world, [QUARANTINES]);
    const items = async () => (await world.as('project').models.table(QUARANTINES).versions(CUT_OFF, '', '~')).map(({ stream }) => stream);
    expect(await items()).toEqual(['relay/one', `meter/${METER}`]);
    await rebuildModel(world.as('project'), 'devices');
    expect(contents(world, [QUARANTINES])).toEqual(before);
    expect(await items()).toEqual(['relay/one', `meter/${METER}`]);
    expect((await list()).devices.map(({ id }) => id)).toEqual([METER]);
  });

  it('a worker that is overtaken between reading and writing puts nobody back on the list', async () => {
    await enrol(METER);
    await onMeter(METER, { type: 'Quarantine', reason: 'flooding', at: 1 });
    const platform = world.as('project');
    const table = platform.models.table(QUARANTINES);
    const overtaken: ReadTable = Object.assign(Object.create(table) as ReadTable, {
      put: async (items: readonly NewItem[]) => {
        await onMeter(METER, { type: 'Release', at: 2 });
        await new DeviceProjection(platform, deviceTables(platform.models)).follow(`meter/${METER}`, ALL);
        await table.put(items);
      },
    });
    await new DeviceProjection(platform, { [QUARANTINES]: overtaken }).follow(`meter/${METER}`, ALL);
    expect((await list()).devices).toEqual([]);
  });

  it('the function hears of both families of streams by its feed', async () => {
    await enrol(METER);
    await onMeter(METER, { type: 'Quarantine', reason: 'flooding', at: 1 });
    await onRelay('two', { type: 'QuarantineRelay', reason: 'flood', at: 1 });
    const { streams } = FEEDS.find((feed) => feed.name === 'project-segments')!;
    const told = [`meter/${METER}`, 'relay/two'].filter((stream) => streams.some((prefix) => stream.startsWith(prefix)));
    const arrivals = await Promise.all(
      told.map(async (stream, i) => {
        const { version } = await world.events.head(stream);
        return { place: i + 1, stream, version, count: 1, keyId: '', recordedAt: 1 };
      }),
    );
    expect(await follower(world.as('project'))(arrivals)).toEqual([]);
    expect((await list()).devices.map(({ id }) => id)).toEqual(['two', METER]);
  });

  it('a page goes on for whoever got it and nobody else, and loses none', async () => {
    const ids = Array.from({ length: 130 }, (_, i) => `dc-${String(i).padStart(3, '0')}`);
    for (const id of ids) await onRelay(id, { type: 'QuarantineRelay', reason: 'flood', at: 0 });
    await projectAll(world.as('project'));
    const first = await list();
    const second = await list({ cursor: first.cursor! });
    expect(first.devices).toHaveLength(100);
    expect([...first.devices, ...second.devices].map(({ id }) => id)).toEqual(ids);
    expect(second.cursor).toBeUndefined();
    const stolen = await door.ask('listQuarantined', { role: 'operator', as: 'bob', query: { cursor: first.cursor! } });
    expect(stolen.status).toBe(400);
  });
});

describe('a device, to whoever looks after certificates and incidents', () => {
  it('C10.1-1: is shown with identity, certificates, standing and what happened to it', async () => {
    const certificate = await enrol(METER);
    const at = world.clock.now();
    const none = Buffer.alloc(32);
    await onMeter(
      METER,
      { type: 'ProposeEpoch', epoch: 3, helloHash: none, signedHash: none, accept: none, keyRow: 'r', at, suite: 1 },
      { type: 'ActivateEpoch', epoch: 3, at },
      { type: 'ReportTamper', code: 1, at: at + 1 },
      { type: 'ReportCounterReuse', epoch: 3, counter: 9, at: at + 2 },
      { type: 'RefuseHello', reason: 'signature', hash: none, at: at + 3 },
      { type: 'Quarantine', reason: 'stolen (sid)', at: at + 4 },
    );
    const { body } = await show(`m-${METER}`);
    expect(body).toMatchObject({
      ...{ kind: 'meter', id: METER, status: 'quarantined', barred: false, epoch: { epoch: 3, overdue: false }, concentrators: ['one'] },
      quarantine: { reason: 'stolen', by: 'person', person: 'sid', since: iso(at + 4) },
    });
    expect(body.certificates).toMatchObject([{ fingerprint: fingerprintOf(certificate), subject: `CN=m-${METER}`, status: 'active' }]);
    expect(body.incidents.map(({ what, detail }) => [what, detail])).toEqual([
      ['quarantined', 'stolen (sid)'],
      ['handshake-refused', 'signature'],
      ['counter-reused', 'epoch 3, counter 9'],
      ['tamper', 'cover'],
    ]);
    await world.devices.revoke(fingerprintOf(certificate));
    await onMeter(
      METER,
      { type: 'Release', by: 'sue', reason: 'found again', at: at + 5 },
      { type: 'Retire', by: 'sid', reason: 'stolen again', at: at + 6 },
    );
    const retired = (await show(`m-${METER}`)).body;
    expect(retired).toMatchObject({ status: 'retired', quarantine: null });
    expect(retired.incidents.slice(0, 3)).toEqual([
      { at: iso(at + 6), what: 'retired', detail: 'stolen again (sid)' },
      { at: iso(at + 5), what: 'released', detail: 'found again (sue)' },
      { at: iso(at + 4), what: 'quarantined', detail: 'stolen (sid)' },
    ]);
    expect(retired.certificates).toMatchObject([{ fingerprint: fingerprintOf(certificate), status: 'revoked' }]);
  });

  it('C10.1-1: nothing says where it hangs, whose it is or what it measured', async () => {
    await enrol(METER);
    const { body } = await show(`m-${METER}`);
    expect(Object.keys(body).sort()).toEqual(
      ['asOf', 'barred', 'certificates', 'concentrators', 'epoch', 'id', 'incidents', 'kind', 'quarantine', 'status', 'zone'].sort(),
    );
    const text = JSON.stringify(body);
    for (const hidden of [ASSET.areaLeaf, '00007', 'Wh']) expect(text).not.toContain(hidden);
    expect(await Array.fromAsync(world.events.streams('access/'))).toEqual([]);
  });

  it('a concentrator, too, by the newest of its commits, and what nobody enrolled is not found', async () => {
    const at = world.clock.now();
    await onRelay('one', { type: 'RegisterRelay', dcId: 'one', fingerprint: 'f0', at });
    for (let minute = 0; minute < 520; minute++) await onRelay('one', { type: 'ReportFlood', frames: 7, at: at + minute * 60_000 });
    const { body } = await show('dc-one');
    expect(body).toMatchObject({ kind: 'concentrator', id: 'one', status: 'quarantined', barred: null, epoch: null, concentrators: [] });
    expect(body.certificates).toEqual([{ fingerprint: 'f0', subject: null, from: null, until: null, status: null }]);
    expect(body.quarantine).toEqual({ since: iso(at + 4 * 60_000), reason: 'flood', by: 'share', person: null });
    expect(body.incidents).toHaveLength(100);
    expect(body.incidents[0]).toEqual({ at: iso(at + 519 * 60_000), what: 'throttled', detail: '7 beyond its share' });
    for (const nobody of ['dc-two', `m-${OTHER}`, 'x-1', METER, 'dc-UP']) expect((await show(nobody)).status, nobody).toBe(404);
  });
});
