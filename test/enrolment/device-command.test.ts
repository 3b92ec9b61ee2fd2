import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deviceCommand } from '../../bin/commands/device.ts';
import { withState } from '../../bin/service/state.ts';
import { enrolMeters } from '../../lambdas/enrol/enrol-meters.ts';
import { enrolRelay } from '../../lambdas/enrol/enrol-relay.ts';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { ASSET } from './facts.ts';

const METER = '00124b0000000001';
const [METER_THING, RELAY_THING] = [`m-${METER}`, 'dc-north-1'];
let state: string;
let said: string;

beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'joulekeep-device-'));
  const platform = await createEmbeddedPlatform({ stateDir: state, clock: { now: Date.now }, timer: false });
  const enrol = platform.as('enrol');
  const issue = async (thing: string, role: 'meter' | 'concentrator') => platform.ca.issue(thing, role, (await deviceKey(thing)).csr);
  await enrolRelay(enrol, 'north-1', await issue(RELAY_THING, 'concentrator'));
  await enrolMeters(enrol, [{ meterId: METER, certificate: await issue(METER_THING, 'meter'), asset: ASSET, relays: ['north-1'] }]);
  for (const [name, role] of [
    ['sid', 'security-officer'],
    ['olga', 'operator'],
  ] as const)
    await platform.people.issue(name, role, (await deviceKey(name)).csr);
  await platform.close();
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said = String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(state, { recursive: true });
});

async function device(what: string, thing: string, as = 'sid'): Promise<string> {
  const command = deviceCommand();
  for (const one of command.commands) one.exitOverride();
  await command.parseAsync([what, thing, '--reason', 'stolen', '--as', as, '--state', state], { from: 'user' });
  return said;
}

/** What the gateway knows of a device, and what its stream says happened to it. */
async function asItStands(thing: string, stream: string) {
  return await withState(state, async (platform) => {
    const { quarantined, certificates } = (await platform.devices.find(thing))!;
    const happened: string[] = [];
    for await (const { events } of platform.as('enrol').events.read(stream))
      for (const { type, data } of events)
        if (/Quarantined|Released|Retired/.test(type)) happened.push(`${type} ${JSON.stringify(data).replace(/,?"at":\d+/, '')}`);
    return { quarantined, certificates: certificates.map(({ status }) => status), happened };
  });
}

describe('joulekeep device', () => {
  it('R9.2-3: cuts a concentrator off and lets it in again, on record with why and by whom', async () => {
    expect(await device('quarantine', 'north-1')).toBe('concentrator north-1: quarantined\n');
    const quarantined = 'RelayQuarantined {"reason":"stolen (sid)"}';
    expect(await asItStands(RELAY_THING, 'relay/north-1')).toEqual({
      quarantined: true,
      certificates: ['active'],
      happened: [quarantined],
    });
    expect(await device('release', RELAY_THING)).toBe('concentrator north-1: released\n');
    expect(await asItStands(RELAY_THING, 'relay/north-1')).toMatchObject({
      quarantined: false,
      happened: [quarantined, 'RelayReleased {"by":"sid","reason":"stolen"}'],
    });
    // The service's log says it as well.
    const log = readFileSync(join(state, 'log.jsonl'), 'utf8');
    expect(log).toContain('"reason":"dc-north-1: released, by sid: stolen"');
  });

  it('R9.2-3: a concentrator that is revoked stays cut off, and has no certificate in force', async () => {
    expect(await device('revoke', 'north-1')).toBe('concentrator north-1: quarantined, 1 certificate revoked\n');
    expect(await asItStands(RELAY_THING, 'relay/north-1')).toMatchObject({ quarantined: true, certificates: ['revoked'] });
    expect(await device('release', 'north-1')).toBe('concentrator north-1: released, without a certificate in force\n');
  });

  it('R9.2-3: a meter is quarantined, released, and revoked for good', async () => {
    const quarantined = 'MeterQuarantined {"reason":"stolen (sid)"}';
    expect(await device('quarantine', METER)).toBe(`meter ${METER}: quarantined\n`);
    expect(await device('release', METER)).toBe(`meter ${METER}: released\n`);
    expect(await device('revoke', METER_THING)).toBe(`meter ${METER}: retired, 1 certificate revoked\n`);
    const [released, retired] = ['MeterReleased', 'MeterRetired'].map((type) => `${type} {"by":"sid","reason":"stolen"}`);
    const happened = [quarantined, released, quarantined, retired];
    expect(await asItStands(METER_THING, `meter/${METER}`)).toEqual({ quarantined: true, certificates: ['revoked'], happened });
    await expect(device('release', METER)).rejects.toThrow('was revoked, for good');
    await device('revoke', METER);
    expect((await asItStands(METER_THING, `meter/${METER}`)).happened).toEqual(happened);
  });

  it('R9.2-3: a meter that is cut off already is revoked on record with why and by whom', async () => {
    await device('quarantine', METER);
    await device('revoke', METER);
    const { happened } = await asItStands(METER_THING, `meter/${METER}`);
    expect(happened).toEqual(['MeterQuarantined {"reason":"stolen (sid)"}', 'MeterRetired {"by":"sid","reason":"stolen"}']);
  });

  it('is for a security officer with a certificate in force, and for a device that is there', async () => {
    await expect(device('revoke', METER, 'olga')).rejects.toThrow('no certificate in force');
    for (const unknown of ['00124b0000000009', 'north-9', 'dc-north-9', '../x'])
      await expect(device('revoke', unknown)).rejects.toThrow(`${unknown}: no such meter or concentrator`);
    expect(await asItStands(METER_THING, `meter/${METER}`)).toEqual({ quarantined: false, certificates: ['active'], happened: [] });
  });
});
