import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { meter } from '../../domain/enrolment/meter.ts';
import { enrolRelay } from '../../lambdas/enrol/enrol-relay.ts';
import { amendRelay } from '../../lambdas/enrol/relay-standing.ts';
import { type NamedDevice, releaseDevice } from '../../lambdas/enrol/release-device.ts';
import { amendMeter } from '../../lambdas/enrol/standing.ts';
import { makeIngest } from '../../lambdas/ingest/handler.ts';
import { INGEST_LIMITS } from '../../lambdas/ingest/limits.ts';
import { afterRestore } from '../../lambdas/maintenance/restore.ts';
import { runDuties } from '../../lambdas/maintenance/run-duties.ts';
import { cutOffAgain } from '../../lambdas/maintenance/say-again-devices.ts';
import { foldRelay } from '../../lambdas/shared/devices/relays.ts';
import { Segments } from '../../lambdas/shared/segments.ts';
import { foldStream } from '../../lambdas/shared/streams.ts';
import { backUp, putBack, restored } from '../../platform/embedded/backup.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { KEPT_WORD_DAYS } from '../../topology/personal-data.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { type SealedMeter, sealedTown, telemetryBody } from '../support/sealed-town.ts';
import { lambdaContext, sqsEvent } from '../support/sqs.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const RELAY = 'one';
const SOUND = { by: 'sid', reason: 'examined' };
let clock: ManualClock;
let place: string;
let state: string;
let backups: number;
let sent: number;
let platform: Embedded;
let town: readonly SealedMeter[];

const open = async () => {
  platform = await createEmbeddedPlatform({ stateDir: state, clock, timer: false });
};
beforeEach(async () => {
  clock = new ManualClock(Date.UTC(2026, 0, 15, 9));
  place = temporaryDirectory();
  state = join(place, 'state');
  [backups, sent] = [0, 0];
  await open();
  await enrolRelay(platform.as('enrol'), RELAY, await platform.ca.issue('dc-one', 'concentrator', (await deviceKey('dc-one')).csr));
  town = await sealedTown((name) => platform.as(name), { meters: 2, at: clock.now() });
});
afterEach(async () => {
  await platform.close();
  discard(place);
});

async function backup(): Promise<string> {
  const to = join(place, `backup-${backups++}`);
  await backUp(state, to, clock.now());
  clock.advance(MINUTE);
  return to;
}

async function restore(from: string): Promise<void> {
  clock.advance(MINUTE);
  await platform.close();
  await putBack(from, state, clock.now());
  await restored(state);
  await open();
  await afterRestore(platform.as('maintenance'));
}

const stolen = () => town[0]!;
const named = ({ meterId }: SealedMeter): NamedDevice => ({ kind: 'meter', id: meterId, thing: `m-${meterId}` });
const RELAY_DEVICE: NamedDevice = { kind: 'concentrator', id: RELAY, thing: 'dc-one' };

async function amend(type: 'Quarantine' | 'Retire', as: Platform = platform.as('enrol')): Promise<void> {
  clock.advance(MINUTE);
  await amendMeter(as, new Segments(as), stolen().meterId, { type, reason: 'stolen (sid)', at: clock.now() });
}

async function release(device: NamedDevice, as: Platform = platform.as('maintenance')): Promise<void> {
  clock.advance(MINUTE);
  await releaseDevice(as, device, SOUND);
}

async function cutOffRelay(as: Platform = platform.as('enrol')): Promise<void> {
  clock.advance(MINUTE);
  await amendRelay(as, RELAY, { type: 'QuarantineRelay', reason: 'stolen (sid)', at: clock.now() });
}

const standing = async () => (await foldStream(platform.as('enrol').events, `meter/${stolen().meterId}`, meter)).state.status;
const lookAt = () => cutOffAgain(platform.as('maintenance'));
const relayStanding = async () => (await foldRelay(platform.as('enrol'), RELAY)).state.standing;

async function eventsOf(stream: string, types: RegExp): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const { events } of platform.as('auditor').events.read(stream)) found.push(...events.filter(({ type }) => types.test(type)));
  return found;
}

/** What is heard of a meter: how many of its frames, from now on, are taken. */
async function heard(from: SealedMeter): Promise<number> {
  clock.advance(HOUR);
  const at = clock.now();
  const taken = async () => (await eventsOf(`segment/${from.segment}`, /^FramesAccepted$/)).length;
  const before = await taken();
  await deliver([from.reading(at - (at % HOUR), [1, 2, 3, 4])]);
  return (await taken()) - before;
}

async function deliver(frames: readonly Buffer[], options = {}, brokerTime = clock.now()): Promise<void> {
  const ingest = makeIngest(platform.as('ingest'), defencesUnderTest(), { limits: { ...INGEST_LIMITS, ...options } });
  const body = telemetryBody(RELAY, brokerTime, ++sent, frames);
  expect(await ingest(sqsEvent('telemetry', [body]), lambdaContext('ingest'))).toEqual({ batchItemFailures: [] });
}

/** A frame of the stolen meter that does not open. */
function damaged(): Buffer {
  const frame = Buffer.from(stolen().reading(clock.now() - (clock.now() % HOUR), [1, 2, 3, 4]));
  frame[frame.length - 1]! ^= 1;
  return frame;
}

/** A process that ends when it records something. */
function dying(as: Platform): Platform {
  const { events } = as;
  const gone = new Proxy(events, {
    get: (of, name) => {
      const value: unknown = Reflect.get(of, name, of);
      if (name === 'append') return () => raise(new Error('this process is gone'));
      return typeof value === 'function' ? value.bind(of) : value;
    },
  });
  return { ...as, events: gone };
}

function raise(error: Error): never {
  throw error;
}

describe('a meter, after a restore', () => {
  it('C10.1-1: that was quarantined after the backup is heard no more, from when it was, and its stream says so once', async () => {
    expect(await heard(stolen())).toBe(1);
    const from = await backup();
    await amend('Quarantine');
    const at = clock.now();
    for (let time = 0; time < 2; time++) {
      await restore(from);
      await afterRestore(platform.as('maintenance'));
      expect([await heard(stolen()), await heard(town[1]!)]).toEqual([0, 1]);
      const said = { type: 'MeterQuarantined', data: { reason: 'stolen (sid)', at } };
      expect(await eventsOf(`meter/${stolen().meterId}`, /Quarantined/)).toEqual([said]);
      const told = (await eventsOf(`segment/${stolen().segment}`, /^MemberAmended$/)) as { readonly data: { readonly status?: string } }[];
      expect(told.filter(({ data }) => data.status === 'quarantined')).toHaveLength(1);
    }
    expect(await lookAt()).toEqual([]);
  });

  it('C10.1-1: that was revoked after the backup is retired, whatever was said before', async () => {
    const before = await backup();
    await amend('Quarantine');
    const between = await backup();
    await release(named(stolen()));
    await amend('Quarantine');
    await amend('Retire');
    const after = await backup();
    for (const from of [before, between, after]) {
      await restore(from);
      expect([await standing(), await heard(stolen())]).toEqual(['retired', 0]);
      expect(await eventsOf(`meter/${stolen().meterId}`, /Retired/)).toHaveLength(1);
    }
  });

  it('C10.1-1: that was let in by decision is not cut off by a restore to either side of it; a word alone lets none in, and a person is told', async () => {
    const before = await backup();
    await amend('Quarantine');
    const between = await backup();
    await release(named(stolen()));
    const after = await backup();
    for (const from of [before, after]) {
      await restore(from);
      expect([await standing(), await heard(stolen()), await lookAt()]).toEqual(['active', 1, []]);
    }
    await restore(between);
    expect([await standing(), await heard(stolen())]).toEqual(['quarantined', 0]);
    expect(await lookAt()).toEqual([`m-${stolen().meterId}: cut off again, was let in since by sid: examined`]);
    await release(named(stolen()));
    expect([await heard(stolen()), await lookAt()]).toEqual([1, []]);
    await amend('Quarantine');
    await restore(before);
    expect(await standing()).toBe('quarantined');
  });

  it('C10.1-1: whose quarantine ended with its process before it was recorded is quarantined; one whose release did is not let in', async () => {
    const from = await backup();
    await expect(amend('Quarantine', dying(platform.as('enrol')))).rejects.toThrow('gone');
    await restore(from);
    expect(await standing()).toBe('quarantined');
    await expect(release(named(stolen()), dying(platform.as('maintenance')))).rejects.toThrow('gone');
    await restore(from);
    expect([await standing(), await lookAt()]).toEqual(['quarantined', []]);
  });

  it('that was let in stays in where the word of it was lost with its process', async () => {
    await amend('Quarantine');
    const maintenance = platform.as('maintenance');
    const keys = { ...maintenance.keys, putIfAbsent: () => raise(new Error('this process is gone')) };
    await expect(release(named(stolen()), { ...maintenance, keys })).rejects.toThrow('gone');
    await release(named(stolen()));
    await restore(await backup());
    expect([await standing(), await heard(stolen()), await lookAt()]).toEqual(['active', 1, []]);
  });

  it('C10.1-1: that ingest cut off is cut off, also where it had been let in after the message was sent that did it', async () => {
    const from = await backup();
    const flood = (brokerTime: number) =>
      deliver(Array.from({ length: 12 }, damaged), { meter: { burst: 1, perHour: 1 }, floodingFrames: 5 }, brokerTime);
    await flood(clock.now());
    expect(await standing()).toBe('quarantined');
    await restore(from);
    expect([await standing(), await heard(stolen())]).toEqual(['quarantined', 0]);
    const sentBefore = clock.now();
    await release(named(stolen()));
    await flood(sentBefore);
    expect(await standing()).toBe('quarantined');
    await restore(from);
    expect([await standing(), await heard(stolen())]).toEqual(['quarantined', 0]);
  });

  it('that the backup does not know stays unknown', async () => {
    const from = await backup();
    const more = await sealedTown((name) => platform.as(name), { meters: 1, first: 512, at: clock.now() });
    const as = platform.as('enrol');
    await amendMeter(as, new Segments(as), more[0]!.meterId, { type: 'Retire', at: clock.now() });
    await restore(from);
    expect(await eventsOf(`meter/${more[0]!.meterId}`, /./)).toEqual([]);
  });
});

it('what is kept of devices goes when its time is over', async () => {
  const kept = async () => (await platform.as('maintenance').keys.list('kept/')).map(({ id }) => id.split('/').slice(0, 3).join('/'));
  await amend('Quarantine');
  await cutOffRelay();
  expect(await kept()).toEqual([`kept/meter/${stolen().meterId}`, 'kept/relay/one']);
  clock.advance((KEPT_WORD_DAYS + 1) * 24 * HOUR);
  await runDuties(platform.as('maintenance'), defencesUnderTest());
  expect(await kept()).toEqual([]);
});

describe('a concentrator, after a restore', () => {
  it('C10.1-1: that was cut off after the backup is cut off in its stream, from when it was, once; who had it let in is told', async () => {
    const before = await backup();
    await cutOffRelay();
    const at = clock.now();
    const between = await backup();
    for (let time = 0; time < 2; time++) {
      await restore(before);
      await afterRestore(platform.as('maintenance'));
      const said = { type: 'RelayQuarantined', data: { reason: 'stolen (sid)', at } };
      expect([await eventsOf('relay/one', /Quarantined/), await lookAt()]).toEqual([[said], []]);
    }
    await release(RELAY_DEVICE);
    await restore(between);
    expect([await relayStanding(), await lookAt()]).toEqual(['quarantined', ['dc-one: cut off again, was let in since by sid: examined']]);
    await restore(before);
    expect([await relayStanding(), await lookAt()]).toEqual(['registered', []]);
  });

  it('C10.1-1: whose quarantine ended with its process before it was recorded is cut off, and a person is told that the gateway lets it in', async () => {
    const from = await backup();
    await expect(cutOffRelay(dying(platform.as('enrol')))).rejects.toThrow('gone');
    await restore(from);
    expect([await relayStanding(), await lookAt()]).toEqual(['quarantined', ['dc-one: cut off in its stream, let in by the gateway']]);
  });

  it('C10.1-1: that ingest cut off is cut off', async () => {
    const from = await backup();
    for (let minute = 0; minute < 5; minute++) {
      clock.advance(MINUTE);
      await deliver(Array.from({ length: 12 }, damaged), { relay: { burst: 1, perHour: 1 } });
    }
    expect(await relayStanding()).toBe('quarantined');
    await restore(from);
    expect([await relayStanding(), await lookAt()]).toEqual(['quarantined', []]);
  });
});
