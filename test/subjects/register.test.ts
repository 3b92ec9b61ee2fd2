import { describe, expect, it } from 'vitest';
import { account, tenancyOf } from '../../domain/account/account.ts';
import { changePoint, usagePointState } from '../../lambdas/register/change-point.ts';
import { exchangeMeter } from '../../lambdas/register/exchange-meter.ts';
import { openPoints, type PointEntry } from '../../lambdas/register/open-points.ts';
import { projectPoints, rebuildPoints } from '../../lambdas/register/point-projection.ts';
import { rebuildResealAgenda, resealsDue } from '../../lambdas/register/reseal-agenda.ts';
import { closeAccount, correctTenancy, endTenancy, openAccount, startTenancy } from '../../lambdas/register/tenancy.ts';
import { pointOf } from '../../lambdas/shared/days/points.ts';
import { foldStream } from '../../lambdas/shared/streams.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { ASSET, cuts, DAY, METER, MIDNIGHT, OTHER_METER } from './given.ts';

const NOW = MIDNIGHT + 40 * DAY;

function entry(i: number, other: Partial<PointEntry> = {}): PointEntry {
  const meterId = (0x00124b0000000001n + BigInt(i)).toString(16).padStart(16, '0');
  return {
    usagePoint: `up-${i}`,
    premises: `p-${i}`,
    zone: 'Europe/London',
    areaLeaf: 'north-1',
    meterClass: 'residential',
    meter: { meterId, from: MIDNIGHT, asset: ASSET },
    tenant: { accountId: `acc-${i}`, from: MIDNIGHT },
    tariff: { tariff: 'flat', from: '2026-03-01' },
    ...other,
  };
}

async function registerOf(homes: number): Promise<{ world: MemoryWorld; platform: Platform }> {
  const world = new MemoryWorld({ now: NOW });
  const platform = world.as('enrol');
  await openPoints(
    platform,
    Array.from({ length: homes }, (_, i) => entry(i)),
  );
  return { world, platform };
}

async function spansOfAccount(platform: Platform, accountId: string, usagePoint = 'up-0') {
  const { state } = await foldStream(platform.events, `account/${accountId}`, account);
  return tenancyOf(state, usagePoint);
}

async function directoryOf(world: MemoryWorld): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for await (const { key, value } of world.directory.list('point-of/')) found[key] = JSON.parse(value.toString());
  return found;
}

describe('the register of usage points and accounts', () => {
  it('opens homes in bulk, one commit each for usage point and account, and says where every meter is', async () => {
    const { platform } = await registerOf(240);
    const [points] = await pointOf(platform, [METER]);
    expect(points).toEqual([
      {
        usagePoint: 'up-0',
        zone: 'Europe/London',
        areaLeaf: 'north-1',
        meterClass: 'residential',
        tariffs: [{ tariff: 'flat', from: '2026-03-01' }],
        installed: [{ from: MIDNIGHT, asset: ASSET }],
        multipliers: [],
        tenancy: [{ subject: 'acc-0', from: MIDNIGHT }],
      },
    ]);
    expect(await spansOfAccount(platform, 'acc-239', 'up-239')).toEqual([{ from: MIDNIGHT }]);
    const heads = await Promise.all(['usagepoint/up-0', 'account/acc-0'].map((stream) => Array.fromAsync(platform.events.read(stream))));
    expect(heads.map((commits) => commits.length)).toEqual([1, 1]);
    expect((await pointOf(platform, ['ffffffffffffffff']))[0]).toEqual([]);
  });

  it('run again changes nothing, also after tenants have moved; what contradicts is refused alone', async () => {
    const { world, platform } = await registerOf(3);
    await openAccount(platform, 'acc-new');
    await startTenancy(platform, 'up-0', 'acc-new', MIDNIGHT + 41 * DAY);
    const before = await directoryOf(world);
    const wrong = entry(7, { meter: { meterId: METER, from: MIDNIGHT, asset: ASSET } });
    const noAccount = entry(8, { tenant: { accountId: 'a/b', from: MIDNIGHT } });
    const report = await openPoints(platform, [entry(0), entry(1), wrong, entry(2), noAccount, entry(9, { usagePoint: 'up/9' })]);
    expect(report).toEqual({
      opened: 0,
      already: 3,
      refused: [
        { usagePoint: 'up-7', code: 'ERR_METER_ELSEWHERE' },
        { usagePoint: 'up-8', code: 'ERR_ACCOUNT_ID' },
        { usagePoint: 'up/9', code: 'ERR_POINT_ID' },
      ],
    });
    expect(await directoryOf(world)).toEqual(before);
    expect(world.events.eventsOf('usagepoint/up-7')).toEqual([]);
    expect(world.events.eventsOf('account/a/b')).toEqual([]);
  });

  it('a run that broke off is simply run again', async () => {
    const world = new MemoryWorld({ now: NOW });
    const platform = world.as('enrol');
    let left = 5;
    world.events.beforeAppend = () => {
      if (left-- === 0) throw new Error('the process is gone');
    };
    const entries = Array.from({ length: 6 }, (_, i) => entry(i));
    await expect(openPoints(platform, entries)).rejects.toThrow('the process is gone');
    world.events.beforeAppend = undefined;
    await openPoints(platform, entries);
    const whole = await registerOf(6);
    expect(await directoryOf(world)).toEqual(await directoryOf(whole.world));
    for (let i = 0; i < 6; i++) expect(await spansOfAccount(platform, `acc-${i}`, `up-${i}`)).toEqual([{ from: MIDNIGHT }]);
  });

  it('the directory is rebuilt from the streams as it was', async () => {
    const { world, platform } = await registerOf(5);
    await exchangeMeter(
      platform,
      'up-0',
      { meterId: METER, until: MIDNIGHT + DAY, registers: [] },
      { meterId: 'ffff', asset: ASSET, registers: [] },
    );
    await changePoint(platform, 'up-9', [
      { type: 'OpenUsagePoint', ...entry(9), at: NOW },
      { type: 'InstallMeter', meterId: METER, from: MIDNIGHT + 2 * DAY, asset: ASSET, registers: [], at: NOW },
    ]);
    const before = await directoryOf(world);
    expect((await pointOf(platform, [METER]))[0]!.map(({ usagePoint }) => usagePoint)).toEqual(['up-0', 'up-9']);
    world.directory.entries.clear();
    expect(await rebuildPoints(platform)).toBe(6);
    expect(await directoryOf(world)).toEqual(before);
    await projectPoints(platform, []);
    expect(await directoryOf(world)).toEqual(before);
  });

  it('a meter is exchanged in one commit, with the registers of both', async () => {
    const { world, platform } = await registerOf(1);
    const until = MIDNIGHT + 10 * DAY;
    const old = { meterId: METER, until, registers: [{ channel: 0, counts: 4_711 }] };
    await exchangeMeter(platform, 'up-0', old, { meterId: OTHER_METER, asset: ASSET, registers: [{ channel: 0, counts: 3 }] });
    const { installations } = await usagePointState(platform, 'up-0');
    expect(installations.map(({ meterId, from, until: end, initial, final }) => [meterId, from, end, initial, final])).toEqual([
      [METER, MIDNIGHT, until, [], [{ channel: 0, counts: 4_711 }]],
      [OTHER_METER, until, undefined, [{ channel: 0, counts: 3 }], []],
    ]);
    expect(
      world.events
        .eventsOf('usagepoint/up-0')
        .slice(-2)
        .map(({ type }) => type),
    ).toEqual(['MeterRemoved', 'MeterInstalled']);
  });

  it('a tenancy that starts ends the one before, in both accounts', async () => {
    const { platform } = await registerOf(1);
    await openAccount(platform, 'acc-b');
    const move = MIDNIGHT + 45 * DAY;
    await startTenancy(platform, 'up-0', 'acc-b', move);
    expect(await spansOfAccount(platform, 'acc-0')).toEqual([{ from: MIDNIGHT, until: move }]);
    expect(await spansOfAccount(platform, 'acc-b')).toEqual([{ from: move }]);
    await endTenancy(platform, 'up-0', move + DAY);
    await endTenancy(platform, 'up-0', move + DAY);
    expect(await spansOfAccount(platform, 'acc-b')).toEqual([{ from: move, until: move + DAY }]);
    await expect(endTenancy(platform, 'up-0', move + 2 * DAY)).rejects.toMatchObject({ code: 'ERR_TENANCY_ORDER' });
    await closeAccount(platform, 'acc-b');
    await expect(startTenancy(platform, 'up-0', 'acc-b', move + 9 * DAY)).rejects.toMatchObject({ code: 'ERR_ACCOUNT_CLOSED' });
    await expect(startTenancy(platform, 'up-0', 'acc-x', move + 9 * DAY)).rejects.toMatchObject({ code: 'ERR_ACCOUNT_UNKNOWN' });
    await expect(startTenancy(platform, 'up-x', 'acc-0', move)).rejects.toMatchObject({ code: 'ERR_POINT_UNKNOWN' });
  });

  it('a corrected tenancy is told to everybody it concerns, and noted for the days that move', async () => {
    const { platform } = await registerOf(1);
    await openAccount(platform, 'acc-b');
    const move = MIDNIGHT + 20 * DAY;
    const correction = { since: move, cuts: cuts(['acc-b', move]), reason: 'moved in earlier', by: 'clerk' };
    const { state } = await correctTenancy(platform, 'up-0', correction);
    expect(state.tenancy).toEqual(cuts(['acc-0', MIDNIGHT], ['acc-b', move]));
    expect(await spansOfAccount(platform, 'acc-0')).toEqual([{ from: MIDNIGHT, until: move }]);
    expect(await spansOfAccount(platform, 'acc-b')).toEqual([{ from: move }]);
    expect(await resealsDue(platform)).toEqual(['up-0']);
    await correctTenancy(platform, 'up-0', { ...correction, since: MIDNIGHT, cuts: cuts(['acc-b', MIDNIGHT]) });
    expect(await spansOfAccount(platform, 'acc-0')).toEqual([]);
    expect((await pointOf(platform, [METER]))[0]![0]!.tenancy).toEqual(cuts(['acc-b', MIDNIGHT]));
  });

  it('a tenancy whose mirror was lost in a crash is mended by the same command', async () => {
    const { world, platform } = await registerOf(1);
    await openAccount(platform, 'acc-b');
    const move = MIDNIGHT + 45 * DAY;
    world.events.afterAppend = (stream) => {
      if (stream.startsWith('usagepoint/')) throw new Error('the process is gone');
    };
    await expect(startTenancy(platform, 'up-0', 'acc-b', move)).rejects.toThrow('the process is gone');
    world.events.afterAppend = undefined;
    await startTenancy(platform, 'up-0', 'acc-b', move);
    expect(await spansOfAccount(platform, 'acc-0')).toEqual([{ from: MIDNIGHT, until: move }]);
    expect(await spansOfAccount(platform, 'acc-b')).toEqual([{ from: move }]);
    expect(world.events.eventsOf('usagepoint/up-0').filter(({ type }) => type === 'TenancyCut')).toHaveLength(2);
    world.directory.entries.clear();
    await rebuildResealAgenda(platform);
    expect(await resealsDue(platform)).toEqual(['up-0']);
  });
});
