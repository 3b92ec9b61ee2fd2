import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { REFIT_DAYS } from '../../domain/demand/forecast/model.ts';
import type { RelayCommand } from '../../domain/enrolment/relay.ts';
import { type AccessSummary, accessSummary } from '../../lambdas/retention/access-summary.ts';
import { makeRetention } from '../../lambdas/retention/handler.ts';
import { type Retained, runRetention } from '../../lambdas/retention/run-retention.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { foldRelay, type Relays, runRelay } from '../../lambdas/shared/devices/relays.ts';
import { readStandIn, standInObject } from '../../lambdas/shared/retained/stand-ins.ts';
import { WarmStreams } from '../../lambdas/shared/streams.ts';
import type { EventStore } from '../../platform/ports/event-store.ts';
import type { ObjectStore, Platform } from '../../platform/ports/platform.ts';
import { FORECAST_MODEL_DAYS, RETENTION } from '../../topology/retention.ts';
import { all } from '../contract/support/events.ts';
import { Dice, Life, mortal } from '../property/mortal.ts';
import { lambdaContext } from '../support/sqs.ts';
import { DAY_MS, RetentionWorld } from './retention-world.ts';
import { tamper, verified } from './verifying.ts';

const RELAY = 'relay/dc-1';
const START = Date.UTC(2026, 0, 10);

let world: RetentionWorld;

beforeEach(async () => {
  world = await RetentionWorld.make(0);
  world.clock.set(START);
});
afterEach(() => world.close());

const archive = () => world.as('archive');
const retained = (): Promise<Retained> => runRetention(archive());
const at = (year: number, month: number, day = 1) => world.clock.set(Date.UTC(year, month - 1, day, 12));

const junk = (sequence: number): RelayCommand => ({
  type: 'CountJunk',
  batch: { dcId: 'dc-1', sequence, digest: Buffer.alloc(8, sequence) },
  brokerTime: world.clock.now(),
  counts: { 'unknown-meter': 1 },
  hashes: [Buffer.alloc(32, sequence)],
  raws: [Buffer.from('raw')],
  unknown: Uint8Array.of(sequence),
});

/** A concentrator is registered and brings a batch of junk on the first of every month. */
async function bring(months: number, from = 0): Promise<void> {
  for (let n = from; n < from + months; n++) {
    at(2026, 2 + n);
    if (n === 0)
      await runRelay(world.as('enrol'), 'dc-1', { type: 'RegisterRelay', dcId: 'dc-1', fingerprint: 'f0', at: world.clock.now() });
    await runRelay(world.as('ingest'), 'dc-1', junk(n + 1));
  }
}

const stateOf = async (platform: Platform = world.as('keys')) => (await foldRelay(platform, 'dc-1')).state;
const sound = async () => (await verified(world)).filter((line) => !/ (archive|checkpoint) \d+$/.test(line));
/** The archive function with some operations of its stores replaced, as one process of a given life. */
function archiveBut(changed: { events?: Partial<EventStore>; objects?: Partial<ObjectStore> }, life = new Life(new Dice(1))): Platform {
  const { objects } = archive();
  const platform = mortal(archive(), life);
  return {
    ...platform,
    events: { ...platform.events, ...changed.events },
    objects: {
      put: (key, body) => life.through(() => objects.put(key, body)),
      get: (key) => life.through(() => objects.get(key)),
      delete: (key) => life.through(() => objects.delete(key)),
      list: (prefix) => life.through(() => objects.list(prefix)),
      olderThan: (prefix, instant) => life.through(() => objects.olderThan(prefix, instant)),
      ...changed.objects,
    },
  };
}

const bodiesOf = (stream: string) => archive().objects.list(`checkpoints/${stream}/`);

describe('the stream of a concentrator', () => {
  it('loses what is older than 13 months behind a signed checkpoint, and says of the concentrator what it said before', async () => {
    await bring(16);
    at(2027, 3, 31);
    expect((await retained()).relays).toEqual([]);
    at(2027, 4);
    const before = await stateOf();
    expect((await retained()).relays).toEqual([{ stream: RELAY, events: 2 }]);
    expect(await world.as('auditor').events.anchor(RELAY)).toMatchObject({ why: 'checkpoint', head: { version: 1 } });
    await expect(all(world.as('auditor').events.read(RELAY))).rejects.toMatchObject({ code: 'ERR_STREAM_TRIMMED' });
    expect((await all(world.as('auditor').events.read(RELAY, 2)))[0]?.events[0]).toMatchObject({ data: { batch: { sequence: 2 } } });
    for (const principal of ['ingest', 'keys', 'enrol', 'maintenance']) expect(await stateOf(world.as(principal))).toEqual(before);
    expect(before.junk).toHaveLength(16);
    expect(await sound()).toEqual([]);
    expect(await verified(world)).toContain(`${RELAY} checkpoint 1`);
  });

  it('is cut once a month, and what it stood on before goes when no backup can need it', async () => {
    await bring(16);
    at(2027, 4);
    await retained();
    at(2027, 4, 20);
    expect(await retained()).toMatchObject({ relays: [], swept: 0 });
    at(2027, 5);
    expect(await retained()).toMatchObject({ relays: [{ events: 1 }], swept: 0 });
    expect(await bodiesOf(RELAY)).toHaveLength(2);
    at(2027, 6, 20);
    expect(await retained()).toMatchObject({ relays: [{ events: 1 }], swept: 2 });
    const anchor = await archive().events.anchor(RELAY);
    expect(await bodiesOf(RELAY)).toEqual([standInObject(RELAY, anchor!.body)]);
  });

  it('goes on when all of it is gone: a known batch is known, and a new one is counted', async () => {
    await bring(2);
    at(2029, 1);
    expect((await retained()).relays).toEqual([{ stream: RELAY, events: 3 }]);
    await world.open();
    expect((await runRelay(world.as('ingest'), 'dc-1', junk(2))).events).toEqual([]);
    expect((await runRelay(world.as('ingest'), 'dc-1', junk(3))).state).toMatchObject({ standing: 'registered' });
    expect((await stateOf()).junk.map(({ key }) => key.split('/')[0])).toEqual(['1', '2', '3']);
    at(2029, 4);
    expect(await retained()).toMatchObject({ relays: [], swept: 0, failed: 0 });
    expect((await stateOf(world.as('enrol'))).junk).toHaveLength(3);
    expect(await sound()).toEqual([]);
  });

  it('is followed by a worker that knew it before it was cut, and by one that knew less', async () => {
    await bring(1);
    const [early, late]: [Relays, Relays] = [new WarmStreams(4), new WarmStreams(4)];
    const ingest = world.as('ingest');
    await foldRelay(ingest, 'dc-1', early);
    await bring(15, 1);
    await foldRelay(ingest, 'dc-1', late);
    at(2027, 8);
    expect((await retained()).relays[0]!.events).toBeGreaterThan(4);
    const known = await stateOf();
    for (const warm of [early, late]) expect((await foldRelay(ingest, 'dc-1', warm)).state).toEqual(known);
  });

  it('stays where what was put is not what was recorded, and where its commits are damaged', async () => {
    await bring(16);
    at(2027, 4);
    const spoiled = archiveBut({ objects: { put: (key) => archive().objects.put(key, Buffer.from('another')) } });
    expect((await runRetention(spoiled)).relays).toEqual([{ stream: RELAY, events: 0, kept: 'body-lost' }]);
    const said: unknown[] = [];
    const log = { info: () => {}, warn: () => {}, error: (_: string, fields?: object) => void said.push(fields) };
    await makeRetention({ ...spoiled, log })({} as never, lambdaContext('retention'));
    expect(said).toEqual([{ code: 'CHECKPOINT_DAMAGED', stream: RELAY, reason: 'body-lost' }]);
    let reads = 0;
    const forgetful = archiveBut({
      events: {
        async *read(stream, from) {
          reads++;
          for await (const commit of archive().events.read(stream, from)) yield reads === 1 ? commit : { ...commit, events: [] };
        },
      },
    });
    expect((await runRetention(forgetful)).relays).toEqual([{ stream: RELAY, events: 0, kept: 'checkpoint-differs' }]);
    expect(reads).toBe(2);
    tamper(world, (database) =>
      database.exec(`UPDATE commits SET body = zeroblob(length(body)) WHERE stream = '${RELAY}' AND version = 1`),
    );
    expect(await retained()).toMatchObject({ relays: [], failed: 1 });
    expect(await archive().events.anchor(RELAY)).toBeUndefined();
    expect(await archive().directory.get('retention/relays-to')).toBeUndefined();
  });

  it('is not folded from its middle when what it stood on is gone', async () => {
    await bring(16);
    at(2027, 4);
    await retained();
    for (const key of await bodiesOf(RELAY)) await archive().objects.delete(key);
    await expect(stateOf()).rejects.toMatchObject({ code: 'ERR_CHECKPOINT_LOST' });
    at(2027, 6);
    expect(await retained()).toMatchObject({ relays: [], failed: 1 });
  });
});

describe('records of accesses', () => {
  const open = (subjects: readonly string[], grounds?: { who: string; purpose: string; legalBasis: string }) => {
    const window = { from: START, until: START + DAY_MS };
    return openSubjectData(world.as('billing'), { purpose: 'billing', ...window, subjects, ...(grounds && { grounds, person: 'alice' }) });
  };

  it('last seven years; then a signed summary without names stands in for them', async () => {
    at(2026, 3, 1);
    await open(['acc-1', 'acc-2']);
    await open(['acc-1'], { who: 'research', purpose: 'study', legalBasis: 'consent' });
    at(2026, 3, 2);
    await open(['acc-3']);
    const first = 'access/2026-03-01.billing';
    at(2033, 3, 1);
    expect((await retained()).access).toEqual([]);
    at(2033, 3, 3);
    expect((await retained()).access).toEqual([{ stream: first, events: 2 }]);
    const summary = await readStandIn<AccessSummary>(world.as('auditor'), first);
    const day = Date.UTC(2026, 2, 1, 12);
    const purposes = { billing: 2 };
    expect(summary?.state).toEqual({ accesses: 2, subjects: 3, purposes, disclosures: 1, first: day, last: day });
    expect(summary?.head.version).toBe(1);
    expect(await sound()).toEqual([]);
    at(2033, 3, 4);
    expect((await retained()).access).toEqual([{ stream: 'access/2026-03-02.billing', events: 1 }]);
    at(2033, 9, 1);
    expect((await retained()).access).toEqual([]);
    expect(await sound()).toEqual([]);
    expect((await verified(world)).filter((line) => line.startsWith('access/'))).toHaveLength(2);
    expect(await bodiesOf(first)).toHaveLength(1);
  });

  it('are found again when the directory forgot how far retention was', async () => {
    for (const day of [1, 2, 3]) {
      at(2026, 3, day);
      await open(['acc-1']);
    }
    at(2033, 3, 4);
    expect((await retained()).access).toHaveLength(2);
    await archive().directory.put([{ key: 'retention/access-to', value: Buffer.alloc(0) }]);
    at(2033, 3, 5);
    expect((await retained()).access).toEqual([{ stream: 'access/2026-03-03.billing', events: 1 }]);
  });

  it('are summed up without the name of anybody', () => {
    const data = { principal: 'export', purpose: 'export' as const, from: 0, until: 1, subjects: ['acc-1'], person: 'alice', at: 7 };
    const grounds = { who: 'bob', purpose: 'study', legalBasis: 'consent' };
    const state = accessSummary.evolve(accessSummary.initial, { type: 'DataAccessed', data: { ...data, grounds } });
    expect(JSON.stringify(state)).not.toMatch(/acc-1|alice|bob/);
    expect(state).toEqual({ accesses: 1, subjects: 1, purposes: { export: 1 }, disclosures: 1, first: 7, last: 7 });
  });
});

describe('objects in quarantine', () => {
  it('are deleted after 45 days and not before, and nothing else is', async () => {
    const { objects } = archive();
    await objects.put('quarantine/old', Buffer.from('1'));
    await objects.put('keyring/current', Buffer.from('1'));
    world.clock.advance(20 * DAY_MS);
    await objects.put('quarantine/new', Buffer.from('1'));
    world.clock.advance(25 * DAY_MS);
    expect(await retained()).toMatchObject({ quarantined: 0 });
    world.clock.advance(1_000);
    expect(await runRetention(archive(), { dryRun: true })).toMatchObject({ quarantined: 1 });
    expect(await retained()).toMatchObject({ quarantined: 1, failed: 0 });
    expect(await retained()).toMatchObject({ quarantined: 0 });
    expect(await objects.list('')).toEqual(['keyring/current', 'quarantine/new']);
  });
});

describe('models of forecasts', () => {
  it('lose their numbers after 400 days and not before, long after others were fitted in their place', async () => {
    const { objects } = archive();
    await objects.put('forecast-models/old', Buffer.from('1'));
    world.clock.advance(399 * DAY_MS);
    await objects.put('forecast-models/new', Buffer.from('1'));
    expect(await retained()).toMatchObject({ models: 0 });
    world.clock.advance(DAY_MS + 1_000);
    expect(await runRetention(archive(), { dryRun: true })).toMatchObject({ models: 1 });
    expect(await retained()).toMatchObject({ models: 1, failed: 0 });
    expect(await objects.list('')).toEqual(['forecast-models/new']);
    expect(Math.max(...Object.values(REFIT_DAYS))).toBeLessThan(FORECAST_MODEL_DAYS / 2);
  });
});

describe('every class', () => {
  it('is done by retention, or is kept for good', () => {
    expect(RETENTION.length).toBe(12);
    for (const { name, afterwards, enforcedBy } of RETENTION)
      expect([name, enforcedBy]).toEqual([name, afterwards === 'kept' ? 'append-only' : 'retention']);
  });

  it('a dry run says what would go and changes nothing', async () => {
    await bring(3);
    at(2034, 1);
    await archive().objects.put('quarantine/x', Buffer.from('1'));
    expect(await runRetention(archive(), { dryRun: true })).toMatchObject({ relays: [{ stream: RELAY, events: 4 }], quarantined: 0 });
    expect(await archive().events.anchor(RELAY)).toBeUndefined();
    expect((await retained()).relays).toEqual([{ stream: RELAY, events: 4 }]);
  });

  it('survives the end of the process between any two steps', async () => {
    await openSubjectData(world.as('billing'), { purpose: 'billing', from: START, until: START + 1, subjects: ['acc-1'] });
    await archive().objects.put('quarantine/x', Buffer.from('1'));
    await bring(3);
    at(2033, 4);
    const before = await stateOf();
    let died = 0;
    for (let steps = 1; ; steps = Math.ceil(steps * 1.1)) {
      const { failed } = await runRetention(archiveBut({}, new Life(new Dice(steps), steps))).catch(() => ({ failed: 1 }));
      if (failed === 0) break;
      died++;
      await world.open();
      expect(await stateOf()).toEqual(before);
      expect(await sound()).toEqual([]);
    }
    expect(died).toBeGreaterThan(6);
    expect(await retained()).toMatchObject({ relays: [], access: [], failed: 0 });
    expect(await archive().events.isHot(RELAY)).toBe(false);
    expect(await readStandIn(world.as('auditor'), 'access/2026-01-10.billing')).toMatchObject({ state: { accesses: 1 } });
    expect(await archive().objects.list('quarantine/')).toEqual([]);
  });
});
