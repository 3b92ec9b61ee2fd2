import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type IClientOptions } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { meter } from '../../domain/enrolment/meter.ts';
import { relay } from '../../domain/enrolment/relay.ts';
import { makeEnrol } from '../../lambdas/enrol/handler.ts';
import { amendRelay } from '../../lambdas/enrol/relay-standing.ts';
import { fingerprintOf } from '../../lambdas/shared/devices/certificates.ts';
import { foldStream, runDecider } from '../../lambdas/shared/streams.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import type { DeviceRole, Platform } from '../../platform/ports/platform.ts';
import { ASSET } from '../keys/scene.ts';
import { pem } from '../platform/gateway-fixture.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { failedIds, lambdaContext, sqsEvent } from '../support/sqs.ts';

let stateDir: string;
let clock: ManualClock;
let embedded: Embedded;
let platform: Platform;
/** Shown to the gateway, and in force nowhere. */
let waiting: Map<string, Buffer>;

beforeEach(async () => {
  stateDir = join(mkdtempSync(join(tmpdir(), 'joulekeep-registration-')), 'state');
  clock = new ManualClock(Date.UTC(2026, 0, 15, 10));
  embedded = await createEmbeddedPlatform({ stateDir, clock, timer: false });
  platform = embedded.as('enrol');
  waiting = new Map();
});

afterEach(async () => {
  await embedded.close();
  rmSync(join(stateDir, '..'), { recursive: true });
});

interface Shown {
  readonly fingerprint: string;
  readonly der: Buffer;
  readonly identity: IClientOptions;
}

/** A device with a certificate of the right CA, which the gateway does not know. */
async function shows(thing: string, role: DeviceRole = 'concentrator'): Promise<Shown> {
  const { privateKey, csr } = await deviceKey(thing);
  const der = await embedded.ca.issue(thing, role, csr);
  const fingerprint = fingerprintOf(der);
  waiting.set(fingerprint, der);
  const key = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
  return { fingerprint, der, identity: { key, cert: pem(der), ca: embedded.ca.rootPem, clientId: thing, reconnectPeriod: 0 } };
}

const stocked = (dcId: string, fingerprint: string) =>
  runDecider(platform.events, `relay/${dcId}`, relay, { type: 'RegisterRelay', dcId, fingerprint, at: clock.now() });

async function deliver(...notices: object[]): Promise<string[]> {
  const handler = makeEnrol(platform, { find: async (fingerprint) => waiting.get(fingerprint) });
  const response = await handler(
    sqsEvent(
      'registrations',
      notices.map((notice) => JSON.stringify(notice)),
    ),
    lambdaContext('enrol'),
  );
  return failedIds(response ?? undefined);
}

const registered = ({ fingerprint }: Shown) => ({ certificateId: fingerprint, certificateStatus: 'PENDING_ACTIVATION' });

async function letIn({ identity }: Shown): Promise<boolean> {
  const client = connect(embedded.broker.url, identity);
  client.on('error', () => {});
  const connected = await new Promise<boolean>((resolve) => {
    client.once('connect', () => resolve(true));
    client.once('close', () => resolve(false));
  });
  client.end(true);
  return connected;
}

describe('a certificate shown for the first time', () => {
  it('C10.1-2: is in force once its concentrator is in stock with it', async () => {
    const shown = await shows('dc-north-1');
    await stocked('north-1', shown.fingerprint);
    expect(await letIn(shown)).toBe(false);
    expect(await deliver(registered(shown), registered(shown))).toEqual([]);
    expect(await letIn(shown)).toBe(true);
    expect((await platform.devices.find('dc-north-1'))?.certificates.map(({ status }) => status)).toEqual(['active']);
  });

  it('C10.1-2: is left waiting when nobody has its device in stock, however right its CA is', async () => {
    const shown = await shows('dc-nobody');
    expect(await deliver(registered(shown))).toEqual([]);
    expect(await platform.devices.find('dc-nobody')).toBeUndefined();
    expect(await letIn(shown)).toBe(false);
  });

  it('C10.1-2: is left waiting when its device is in stock with another one', async () => {
    const [known, stranger] = [await shows('dc-north-1'), await shows('dc-north-1')];
    await stocked('north-1', known.fingerprint);
    expect(await deliver(registered(stranger), registered(known))).toEqual([]);
    expect(await letIn(stranger)).toBe(false);
    expect(await letIn(known)).toBe(true);
  });

  it('is left waiting while its concentrator is quarantined', async () => {
    const shown = await shows('dc-north-1');
    await stocked('north-1', shown.fingerprint);
    await amendRelay(platform, 'north-1', { type: 'QuarantineRelay', reason: 'test', at: clock.now() });
    await deliver(registered(shown));
    expect(await letIn(shown)).toBe(false);
  });

  it('C10.1-2: does not come back once it was revoked', async () => {
    const shown = await shows('dc-north-1');
    await stocked('north-1', shown.fingerprint);
    await deliver(registered(shown));
    await platform.devices.revoke(shown.fingerprint);
    expect(await deliver(registered(shown))).toEqual([]);
    expect((await platform.devices.find('dc-north-1'))?.certificates.map(({ status }) => status)).toEqual(['revoked']);
    expect(await letIn(shown)).toBe(false);
  });

  it('is left waiting when it expired, or names no device of ours', async () => {
    const [late, odd] = [await shows('dc-north-1'), await shows('dc-north-2')];
    await stocked('north-1', late.fingerprint);
    await stocked('north-2', odd.fingerprint);
    waiting.set(odd.fingerprint, Buffer.from('no certificate'));
    clock.advance(20 * 365 * 86_400_000);
    expect(await deliver(registered(late), registered(odd))).toEqual(['message-1']);
    expect(await platform.devices.find('dc-north-1')).toBeUndefined();
  });

  it('C10.1-2: of a meter counts when it is the very one the meter was enrolled with', async () => {
    const meterId = '00124b000000abcd';
    const [known, stranger] = [await shows(`m-${meterId}`, 'meter'), await shows(`m-${meterId}`, 'meter')];
    const enrol = { type: 'EnrolMeter', meterId, certificate: known.der, asset: ASSET, at: clock.now() } as const;
    await runDecider(platform.events, `meter/${meterId}`, meter, enrol);
    await deliver(registered(stranger));
    expect(await platform.devices.find(`m-${meterId}`)).toBeUndefined();
    await deliver(registered(known));
    expect((await platform.devices.find(`m-${meterId}`))?.certificates.map(({ fingerprint }) => fingerprint)).toEqual([known.fingerprint]);
  });

  it('of which the gateway knows nothing any more is no failure', async () => {
    expect(await deliver({ certificateId: 'ab'.repeat(32) })).toEqual([]);
  });
});

describe('a device that leaves its limits', () => {
  const violation = (thingName: string, violationEventType = 'in-alarm', name = 'messages-sent') => ({
    thingName,
    violationEventType,
    behavior: { name },
  });

  it('T8.1-4: is cut off at the gateway, and on record, until a person lets it in again', async () => {
    const shown = await shows('dc-north-1');
    await stocked('north-1', shown.fingerprint);
    await deliver(registered(shown));
    expect(await deliver(violation('dc-north-1'), violation('dc-north-1', 'alarm-cleared'))).toEqual([]);
    expect((await platform.devices.find('dc-north-1'))?.quarantined).toBe(true);
    const { state } = await runDecider(platform.events, 'relay/north-1', relay, { type: 'ReleaseRelay', at: clock.now() });
    expect(state.standing).toBe('registered');
  });

  it('is on record with the name of a limit of ours, never with words it was sent', async () => {
    await stocked('north-1', 'aa');
    await deliver(violation('dc-north-1', 'in-alarm', '<b>words</b>'));
    const { state } = await foldStream(platform.events, 'relay/north-1', relay);
    expect(state).toMatchObject({ standing: 'quarantined', reason: 'detected/other' });
  });

  it('ends in the dead letters when the notice is none', async () => {
    expect(await deliver({ some: 'thing' }, violation('../x'), { certificateId: 'short' })).toEqual([
      'message-0',
      'message-1',
      'message-2',
    ]);
  });
});
