import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchFrom } from '../../bin/display/display-fetch.ts';
import { checkedProgram, commissionDisplay, openDisplayHome } from '../../bin/display/display-home.ts';
import { displayIn } from '../../bin/display/display-screen.ts';
import { Service } from '../../bin/service/service.ts';
import { followOnce } from '../../devices/home-display/follow.ts';
import { priceZone } from '../../domain/price/price-zone.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const clock = { now: () => Date.now() };
const WATCH = { zone: 'north', programs: ['evening'], optOut: false };

let folder: string;
let state: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'joulekeep-prices-'));
  state = join(folder, 'state');
  const service = await Service.boot({ stateDir: state, clock, timer: false });
  const { platform } = service;
  const document = JSON.parse(readFileSync(join(ROOT, 'tariffs/day-night.json'), 'utf8')) as object;
  await publishTariff(platform.as('billing'), { file: 'day-night', text: JSON.stringify(document) }, new Map());
  const settings = { tariff: 'day-night', timeZone: 'Europe/Berlin', minutes: 30, spreadMicroPerKWh: '0' };
  await runDecider(platform.as('prices').events, 'price/north', priceZone, [
    { type: 'ProposeZone', zone: 'north', settings, by: 'ann', at: 1 },
    { type: 'ApproveZone', zone: 'north', by: 'bob', at: 2 },
  ]);
  await runDecider(platform.as('prices').events, 'price/west', priceZone, {
    type: 'ProposeZone',
    zone: 'west',
    settings,
    by: 'ann',
    at: 1,
  });
  await service.close();
});

afterAll(() => rmSync(folder, { recursive: true }));

async function joulekeep(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [join(ROOT, 'bin/joulekeep.ts'), ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, out, err };
}

describe('joulekeep price, dr and display', () => {
  it('sign what is due, and say what was signed', async () => {
    expect((await joulekeep('price', 'publish', 'north', '--state', state)).out).toContain('2 day-ahead tariffs and 2 prices signed');
    expect((await joulekeep('price', 'show', 'north', '--state', state)).out).toMatch(/prices signed: 2\nfrom .*\/kWh before tax/);
  });

  it('ask the homes of a program for less', async () => {
    expect(await joulekeep('dr', 'list', 'evening', '--state', state)).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('no such program'),
    });
    expect(await joulekeep('stream', 'list', 'nowhere/', '--state', state)).toMatchObject({
      code: 0,
      out: '',
      err: 'no stream begins with "nowhere/"\n',
    });
    expect((await joulekeep('dr', 'open', 'evening', '--name', 'Evenings', '--state', state)).code).toBe(0);
    expect((await joulekeep('dr', 'list', 'evening', '--state', state)).err).toContain('no events yet');
    const start = new Date(Date.now() + 3_600_000).toISOString().slice(0, 16);
    const asked = ['--id', 'e1', '--start', `${start}Z`, '--minutes', '60', '--level', '1', '--state', state];
    expect((await joulekeep('dr', 'publish', 'evening', ...asked)).out).toContain('signed as number 1');
    expect((await joulekeep('dr', 'list', 'evening', '--state', state)).out).toBe(`e1  ${start}:00.000Z  PT60M  level 1  less, please\n`);
    expect((await joulekeep('stream', 'list', 'demand-response/', '--state', state)).out).toBe('demand-response/evening\n');
  });

  it('show it on a display that was commissioned', async () => {
    const shown = await joulekeep('display', '--state', state, '--zone', 'north', '--program', 'evening', '--once', '--time-zone', 'UTC');
    expect(shown.err).toBe('');
    expect(shown.out).toMatch(/^Zone north, .*\nPrice now {3}0\.\d{4} \w{3}\/kWh, (day|night|peak), .*\n {12}live, until /);
    expect(shown.out).toContain('demand-response accepted');
  });

  it.each([
    [['price', 'show', 'south'], 'was never proposed'],
    [['display', '--zone', 'south', '--once'], 'zone south was never proposed: joulekeep price zone south'],
    [['price', 'approve', 'north', '--as', 'eve', '--role', 'supervisor'], 'no certificate in force'],
    [['price', 'zone', 'south', '--tariff', 'x', '--time-zone', 'Nowhere', '--as', 'eve', '--role', 'operator'], 'an IANA name'],
  ])('%j ends with 2 and says why', async (args, why) => {
    const { code, err } = await joulekeep(...args, '--state', state);
    expect(code).toBe(2);
    expect(err).toContain(why);
    expect(err.trim().split('\n')).toHaveLength(1);
  });

  it('a display follows one zone, and shows no other under its name', async () => {
    await joulekeep('display', '--state', state, '--zone', 'north', '--once', '--time-zone', 'UTC');
    const { code, err } = await joulekeep('display', '--state', state, '--zone', 'west', '--once');
    expect([code, err]).toEqual([2, expect.stringContaining('this display follows north')]);
  });

  it('a folder without a display is told apart from a service that is away', async () => {
    const { code, err } = await joulekeep('display', '--zone', 'north', '--home', join(folder, 'nowhere'), '--url', 'https://127.0.0.1:1');
    expect([code, err]).toEqual([2, expect.stringContaining('no display was commissioned there')]);
  });
});

describe('a display and a service that is away', () => {
  it('says which address has no answer, and shows what it knows', async () => {
    const home = join(folder, 'alone');
    const platform = await createEmbeddedPlatform({ stateDir: state, clock, timer: false });
    commissionDisplay(home, platform);
    await platform.close();
    const { code, out, err } = await joulekeep('display', '--zone', 'north', '--home', home, '--url', 'https://127.0.0.1:1', '--once');
    expect([code, err]).toEqual([
      0,
      expect.stringMatching(/^joulekeep: https:\/\/127\.0\.0\.1:1 has no answer to \/v1\/prices\/north\S*: .*\n$/),
    ]);
    expect(out).toContain('NOT LIVE: no price is known');
  });
});

describe('a display and a service that runs', () => {
  it('follows it over TLS at the customer door, without a certificate, live', async () => {
    const service = await Service.boot({ stateDir: state, clock, timer: false });
    try {
      await service.settle();
      const home = join(folder, 'over-tls');
      commissionDisplay(home, service.platform);
      const opened = openDisplayHome(home);
      const display = displayIn(opened, WATCH);
      await followOnce(display, fetchFrom(service.doors.customer!.url, opened.ca), 'north', ['evening']);
      expect(display.shown()).toMatchObject({ live: true, source: 'live' });
      expect(display.memory.identity).not.toBe('');
      const untrusting = displayIn({ ...openDisplayHome(home), identity: '' }, WATCH);
      expect(untrusting.shown().live).toBe(true);
      expect(await fetchFrom(service.doors.customer!.url, '')('/v1/prices/north')).toBeUndefined();
    } finally {
      await service.close();
    }
  });

  it('R9.2-2: starts only as it was signed, and a manifest of another display’s root is none', async () => {
    const service = await Service.boot({ stateDir: state, clock, timer: false });
    const [home, other] = [join(folder, 'one'), join(folder, 'two')];
    try {
      commissionDisplay(home, service.platform);
      commissionDisplay(other, service.platform);
    } finally {
      await service.close();
    }
    expect(checkedProgram(openDisplayHome(home), 1)).toBe(1);
    expect(() => checkedProgram(openDisplayHome(home), 2)).toThrow(/too-old/);
    copyFileSync(join(other, 'device.secret'), join(home, 'device.secret'));
    const manifest = readFileSync(join(home, 'program.jws'), 'ascii');
    writeFileSync(join(home, 'program.jws'), `${manifest.slice(0, -4)}AAAA`);
    expect(() => checkedProgram(openDisplayHome(home), 1)).toThrow(/manifest/);
  });
});
