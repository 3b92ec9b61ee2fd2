import { beforeEach, describe, expect, it } from 'vitest';
import type { IngestView, Overview } from '../../api/console.ts';
import { INTAKE } from '../../lambdas/project/intake.ts';
import { rebuildModel } from '../../lambdas/project/rebuild.ts';
import { JUNK } from '../../lambdas/project/relay-projection.ts';
import { FIRST_HOUR, IngestWorld } from '../ingest/ingest-world.ts';
import { contents } from '../project/following.ts';
import { QUARTER_MS } from '../support/sealed-town.ts';
import { ConsoleDoor, projectAll } from './console-world.ts';

const HOUR = 4 * QUARTER_MS;
const LATER = FIRST_HOUR + QUARTER_MS;
let sent: IngestWorld;
let door: ConsoleDoor;

beforeEach(async () => {
  sent = await IngestWorld.make();
  door = new ConsoleDoor((principal) => sent.world.as(principal));
});

const project = () => projectAll(sent.world.as('project'));
const view = async () => (await door.ask<IngestView>('showIngest')).body;
const of = async (dcId: string) => (await view()).concentrators.find((one) => one.dcId === dcId)!;

/** Frames of all kinds over two concentrators. */
async function play(): Promise<void> {
  const { town } = sent;
  const readings = town.map((meter) => meter.reading(FIRST_HOUR, [10]));
  await sent.deliver(readings);
  // The same frames again in another batch.
  await sent.deliver(readings.slice(0, 3));
  const altered = Buffer.from(town[0]!.reading(LATER, [11]));
  altered[altered.length - 1]! ^= 1;
  await sent.deliver([altered, town[1]!.reading(LATER, [12])], 'two', LATER);
  // Nobody assigned these meters to it.
  await sent.deliver([town[2]!.reading(LATER, [13])], 'three', LATER);
  // No meter of ours, and no frame at all.
  const foreign = Buffer.from(town[3]!.reading(LATER, [14]));
  foreign.fill(0xee, 8, 16);
  await sent.deliver([foreign, Buffer.alloc(81, 7)], 'two', LATER);
  // Days ahead of time, and more than the fuse lets through.
  await sent.deliver([town[4]!.reading(FIRST_HOUR + 400 * QUARTER_MS, [15]), town[5]!.reading(LATER, [9_000])], 'one', LATER);
}

describe('what came through each concentrator', () => {
  it('in = accepted + duplicate + quarantined + refused, as sent and as recorded', async () => {
    await play();
    await project();
    const { concentrators } = await view();
    expect(concentrators.map(({ dcId }) => dcId)).toContain('two');
    const days = (await shown()).flatMap((one) => one.days);
    const total = days.reduce((sum, day) => sum + day.accepted + day.duplicate + day.quarantined + day.refused, 0);
    expect(total).toBe(sent.framesSent);
    const tally = await sent.tally();
    expect(days.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(tally.accepted);
    expect(days.reduce((sum, { duplicate }) => sum + duplicate, 0)).toBe(tally.duplicate);
    expect(days.reduce((sum, { quarantined, refused }) => sum + quarantined + refused, 0)).toBe(tally.quarantined);
  });

  /** Registered or not: what brought frames that were judged by a segment has no stream of its own before it is registered. */
  async function shown() {
    for (const dcId of ['one', 'two', 'three']) await register(dcId);
    await project();
    return (await view()).concentrators;
  }

  it('says at which layer frames failed', async () => {
    await play();
    await shown();
    expect((await of('one')).failures).toEqual({ transport: 0, crypto: 0, schema: 0, vee: 2 });
    expect((await of('two')).failures).toMatchObject({ crypto: 1, vee: 0 });
    expect((await of('two')).failures.transport + (await of('two')).failures.schema).toBe(2);
    expect((await of('three')).failures).toEqual({ transport: 1, crypto: 0, schema: 0, vee: 0 });
  });

  it('has 28 local days, the last of them today, and when each was heard last', async () => {
    await play();
    await shown();
    const one = await of('one');
    expect(one.days.map(({ day }) => day)).toHaveLength(28);
    expect(one.days.at(-1)!.day).toBe('2026-01-15');
    expect(one.days[0]!.day).toBe('2025-12-19');
    expect(one.lastSeen).toBe(new Date(LATER).toISOString());
    expect([one.meters, (await of('three')).meters]).toEqual([8, 0]);
  });

  it('counts nobody who was moved or retired', async () => {
    await play();
    await sent.amend('00000', { type: 'AmendMember', meterId: sent.town[0]!.meterId, status: 'retired', at: FIRST_HOUR });
    const relays = [
      { dcId: 'one', from: 0, until: LATER },
      { dcId: 'two', from: 0 },
    ];
    await sent.amend('00000', { type: 'AmendMember', meterId: sent.town[1]!.meterId, relays, at: FIRST_HOUR });
    await shown();
    expect([(await of('one')).meters, (await of('two')).meters]).toEqual([6, 7]);
  });

  it('a page goes on for whoever got it and nobody else, and loses none', async () => {
    for (let i = 0; i < 130; i++) await register(`dc-${String(i).padStart(3, '0')}`);
    const first = (await door.ask<IngestView>('showIngest')).body;
    expect(first.concentrators).toHaveLength(100);
    const cursor = first.cursor!;
    const second = (await door.ask<IngestView>('showIngest', { query: { cursor } })).body;
    expect([...first.concentrators, ...second.concentrators].map(({ dcId }) => dcId)).toEqual(
      Array.from({ length: 130 }, (_, i) => `dc-${String(i).padStart(3, '0')}`),
    );
    expect(second.cursor).toBeUndefined();
    expect((await door.ask('showIngest', { as: 'bob', query: { cursor } })).status).toBe(400);
  });

  it('made anew the tables say the same, and so they do for a function that lost its place', async () => {
    await play();
    await project();
    const before = contents(sent.world, [INTAKE, JUNK]);
    expect(before[INTAKE]!.length).toBeGreaterThan(4);
    expect(before[JUNK]!.length).toBeGreaterThan(1);
    await project();
    expect(contents(sent.world, [INTAKE, JUNK])).toEqual(before);
    await rebuildModel(sent.world.as('project'), 'segments');
    await rebuildModel(sent.world.as('project'), 'relays');
    expect(contents(sent.world, [INTAKE, JUNK])).toEqual(before);
  });

  it('no value of anybody is in the tables', async () => {
    await sent.deliver(sent.town.map((meter) => meter.reading(FIRST_HOUR, [4_321])));
    await project();
    const text = JSON.stringify(contents(sent.world, [INTAKE, JUNK]));
    expect(text).not.toContain('4321');
    expect(text).toContain('accepted');
  });

  async function register(dcId: string): Promise<void> {
    const { events } = sent.world.as('enrol');
    const head = await events.head(`relay/${dcId}`);
    const data = { dcId, fingerprint: 'f0', at: FIRST_HOUR };
    await events.append(head, { commitId: Buffer.alloc(32, head.version + 2), events: [{ type: 'RelayRegistered', data }] }).durable;
  }
});

describe('expected against received', () => {
  it('counts slots by the hour in which they end, and homes from when they came', async () => {
    await sent.deliver(sent.town.map((meter) => meter.reading(FIRST_HOUR, [1, 2, 3, 4])));
    await sent.deliver(
      sent.town.slice(0, 5).map((meter) => meter.reading(FIRST_HOUR + QUARTER_MS, [5])),
      'one',
      FIRST_HOUR + QUARTER_MS,
    );
    await project();
    const { delivery } = (await door.ask<Overview>('showOverview', { role: 'operator' })).body;
    expect(delivery).toHaveLength(48);
    const at = (hour: number) => delivery.find((row) => row.hour === new Date(hour).toISOString());
    expect(at(FIRST_HOUR - 2 * HOUR)).toMatchObject({ expected: 0, received: 0 });
    expect(at(FIRST_HOUR - HOUR)).toMatchObject({ expected: 32, received: 32 });
    expect(at(FIRST_HOUR)).toMatchObject({ expected: 32, received: 5 });
  });

  it('a meter that left is expected no more', async () => {
    await sent.amend('00000', { type: 'AmendMember', meterId: sent.town[0]!.meterId, status: 'retired', at: FIRST_HOUR });
    await sent.deliver([sent.town[1]!.reading(FIRST_HOUR, [1])]);
    await project();
    const { delivery } = (await door.ask<Overview>('showOverview', { role: 'operator' })).body;
    expect(delivery.slice(-2).map(({ expected }) => expected)).toEqual([32, 28]);
  });
});

describe('refusals of the last day', () => {
  it('are counted by kind, and forgotten behind 24 hours', async () => {
    await play();
    await project();
    const kinds = async () => new Map((await door.ask<Overview>('showOverview')).body.security.map(({ kind, count }) => [kind, count]));
    const now = await kinds();
    expect(now.get('crypto')).toBe(1);
    expect(now.get('identity')! + (now.get('malformed') ?? 0)).toBe(3);
    expect(now.get('time')).toBe(1);
    expect(now.has('replay')).toBe(false);
    // Another frame under a counter that was used.
    const [meter] = sent.town;
    meter!.counter -= 2;
    await sent.deliver([meter!.reading(LATER, [16])], 'one', LATER);
    await project();
    expect((await kinds()).get('replay')).toBe(1);
    sent.world.clock.advance(25 * HOUR);
    expect(await kinds()).toEqual(new Map());
  });
});
