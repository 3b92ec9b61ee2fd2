import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPayloads, demandResponse } from '../../domain/price/demand-response.ts';
import { PRICE_TYP } from '../../events/index.ts';
import { KEY_LIST_TYP } from '../../protocol/portable/listed-keys.ts';
import { type EventFacts, MIDNIGHT, newPair, PriceWorld, signedBy } from './price-world.ts';

const EVENING = MIDNIGHT + 18 * 3600;
const WARM = { temperatureDeciC: 215, sheddableW: 3_000 };

function joined(limits = {}): PriceWorld {
  const world = new PriceWorld(limits);
  world.display.take(world.keyList());
  return world;
}

/** Types of payload that would order something, with values they could have. @source OpenADR 3.1.0 */
const ORDERS: readonly EventFacts[] = [
  { type: 'DISPATCH_INSTRUCTION', value: 'open the breaker' },
  { type: 'DISPATCH_SETPOINT', value: 0 },
  { type: 'DISPATCH_SETPOINT_RELATIVE', value: 5 },
  { type: 'CONTROL_SETPOINT', value: false },
  { type: 'CONTROL_LEVEL_OFFSET', value: -10 },
  { type: 'CHARGE_STATE_SETPOINT', value: 0 },
  { type: 'IMPORT_CAPACITY_LIMIT', value: 0 },
  { type: 'SWITCH_OFF', value: true },
  { type: 'SIMPLE', value: 4 },
  { type: 'SIMPLE', value: 0.5 },
  { type: 'SIMPLE', value: 'off' },
];

describe('no command that switches anything', () => {
  it('T8-P4: an unknown type of message is refused, whichever of our keys signed it', () => {
    const world = joined();
    const keys = Object.values(world.keys);
    for (const key of [...keys, world.root]) {
      for (const typ of ['joulekeep-switch+jws', 'joulekeep-command+jws', 'JWT', KEY_LIST_TYP.toUpperCase()]) {
        const item = signedBy(key, typ, { iss: 'joulekeep', seq: 1, off: true });
        expect(world.display.take(item)).toEqual({ taken: false, fault: 'unknown-type' });
      }
    }
    expect(world.display.shed(WARM)).toBe(0);
    expect(world.display.reports.at(-1)).toMatchObject({ about: 'message', outcome: 'refused', reason: 'unknown-type' });
  });

  it.each(ORDERS)('T8-P4: $type $value, signed by the key of demand response, changes nothing', (order) => {
    const world = joined();
    world.display.take(world.event(order));
    expect(world.display.reports.at(-1)).toMatchObject({ outcome: 'refused', reason: 'payload-not-allowed' });
    for (let at = EVENING; at < EVENING + 7_200; at += 300) expect(world.at(at).display.shed(WARM)).toBe(0);
  });

  it.each(ORDERS)('T8-P4: $type $value is never signed', ({ type, value }) => {
    const intervals = [{ id: 0, payloads: [{ type: type!, values: [value!] }] }];
    expect(() => checkPayloads({ id: 'e', intervals })).toThrow(expect.objectContaining({ code: 'ERR_PAYLOAD_NOT_ALLOWED' }));
    const claims = { program: 'p', seq: 1, prevHash: '', event: { id: 'e', intervals } } as never;
    const state = { ...demandResponse.initial, name: 'p' };
    expect(() => demandResponse.decide({ type: 'PublishDemandResponse', claims, jws: '', hash: '', at: 0 }, state)).toThrow(/SIMPLE/);
  });

  it('T8-P4: an event signed by another key, of another program or out of order is refused', () => {
    const world = joined();
    const event = world.event();
    const claims = JSON.parse(Buffer.from(event.split('.')[1]!, 'base64url').toString());
    expect(world.display.take(signedBy(world.keys.price, PRICE_TYP.demandResponse, claims))).toMatchObject({ fault: 'wrong-purpose' });
    const foreign = signedBy(world.keys.demandResponse, PRICE_TYP.demandResponse, { ...claims, program: 'other' });
    expect(world.display.take(foreign)).toMatchObject({ fault: 'not-joined' });
    expect(world.display.take(event)).toEqual({ taken: true });
    const again = signedBy(world.keys.demandResponse, PRICE_TYP.demandResponse, { ...claims, exp: claims.exp + 1 });
    expect(world.display.take(again)).toMatchObject({ taken: false });
  });
});

describe('a wish, and a device that decides', () => {
  it('is followed within the limits, after a delay drawn once', () => {
    const world = joined();
    world.display.take(world.event({ level: 2 }));
    const [decision] = world.display.memory.decisions;
    expect(decision).toMatchObject({ outcome: 'accepted', level: 2 });
    expect(decision!.from).toBeGreaterThanOrEqual(EVENING);
    expect(decision!.from).toBeLessThanOrEqual(EVENING + world.limits.maxDelayS);
    expect(decision!.until - decision!.from).toBe(3_600);
    expect(world.at(decision!.from - 1).display.shed(WARM)).toBe(0);
    expect(world.at(decision!.from).display.shed(WARM)).toBe(1_000);
    expect(world.restart().shed(WARM)).toBe(1_000);
    expect(world.display.memory.decisions).toEqual([decision]);
    expect(world.display.shed({ ...WARM, temperatureDeciC: 179 })).toBe(0);
    expect(world.at(decision!.until).display.shed(WARM)).toBe(0);
  });

  it('T8-P4: homes do not begin together', () => {
    const starts = Array.from({ length: 40 }, () => {
      const world = joined();
      world.display.take(world.event());
      return world.display.memory.decisions[0]!.from;
    });
    expect(new Set(starts).size).toBeGreaterThan(20);
  });

  it.each<[string, Partial<PriceWorld['limits']>, EventFacts, string]>([
    ['a level above the customer’s', { highestLevel: 1 }, { level: 2 }, 'level'],
    ['an event that is too long', { maxMinutes: 30 }, { minutes: 60 }, 'too-long'],
    ['more events than a day may have', { maxPerDay: 0 }, {}, 'too-many'],
  ])('T8-P4: %s is refused with its reason', (_, limits, facts, reason) => {
    const world = joined(limits);
    world.display.take(world.event(facts));
    expect(world.display.reports.at(-1)).toEqual({ at: MIDNIGHT, about: 'demand-response', outcome: 'refused', reason });
    expect(world.at(EVENING + 1_800).display.shed(WARM)).toBe(0);
  });

  it('T8-P4: who opted out takes part in nothing, and the report has the shape of every other', () => {
    const world = joined({ optOut: true });
    world.display.take(world.event());
    const accepted = joined();
    accepted.display.take(accepted.event());
    const refused = joined({ highestLevel: 0 });
    refused.display.take(refused.event());
    const reports = [world, accepted, refused].map(({ display }) => display.reports.at(-1)!);
    expect(reports.map(({ outcome }) => outcome)).toEqual(['opted-out', 'accepted', 'refused']);
    for (const report of reports) expect(Object.keys(report)).toEqual(['at', 'about', 'outcome', 'reason']);
    expect(world.at(EVENING + 1_800).display.shed(WARM)).toBe(0);
  });

  it('T8-P4: a stolen key that is listed no longer takes its wishes and its chain along; what has begun ends, and counts', () => {
    const world = joined({ maxPerDay: 2 });
    world.display.take(world.event({ id: 'runs', start: MIDNIGHT - 1_200, minutes: 120 }));
    const honest = { ...world.events };
    world.display.take(world.event({ id: 'later', seq: Number.MAX_SAFE_INTEGER }));
    const [begun] = world.display.memory.decisions;
    expect(world.display.memory.decisions.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted']);
    expect(world.display.shed(WARM)).toBe(500);
    const fresh = { ...world.keys, demandResponse: newPair() };
    world.display.take(world.keyList({}, fresh));
    expect(world.display.shed(WARM)).toBe(0);
    expect(world.restart().memory.decisions).toEqual([{ ...begun, until: MIDNIGHT }]);
    world.events = honest;
    expect(world.display.take(world.event({ id: 'e1', by: fresh.demandResponse }))).toEqual({ taken: true });
    expect(world.display.take(world.event({ id: 'e2', by: fresh.demandResponse }))).toEqual({ taken: true });
    expect(world.display.memory.decisions.map(({ eventId, outcome }) => [eventId, outcome])).toContainEqual(['e1', 'accepted']);
    expect(world.at(EVENING + 1_800).display.shed(WARM)).toBe(500);
  });

  it('is taken back by the same event at level 0', () => {
    const world = joined();
    world.display.take(world.event({ level: 2 }));
    world.display.take(world.event({ level: 0 }));
    for (let at = EVENING; at < EVENING + 7_200; at += 300) expect(world.at(at).display.shed(WARM)).toBe(0);
  });

  it('T8-P4: an event that has begun counts for good, however often its id comes again', () => {
    const world = joined();
    let minutes = 0;
    for (let at = MIDNIGHT; at < MIDNIGHT + 100_000; at += 60) {
      const isHour = (at - MIDNIGHT) % 3_600 === 0 && at < MIDNIGHT + 86_400;
      if (isHour) world.at(at).display.take(world.event({ start: at, minutes: 120 }));
      if (world.at(at).display.shed(WARM) > 0) minutes++;
    }
    expect(minutes).toBe(120);
    expect(world.display.reports.at(-1)).toMatchObject({ outcome: 'refused', reason: 'too-many' });
  });

  it('T8-P4: events that are refused push nothing that counts out of memory', () => {
    const world = joined();
    world.display.take(world.event({ start: MIDNIGHT, minutes: 60 }));
    for (let i = 0; i < 120; i++) world.display.take(world.event({ id: `x${i}`, level: 3 }));
    const { decisions } = world.at(EVENING).display.memory;
    expect(decisions.length).toBeLessThan(60);
    world.display.take(world.event({ id: 'late' }));
    expect(world.display.reports.at(-1)).toMatchObject({ outcome: 'refused', reason: 'too-many' });
  });

  it('T8-P4: a device promises fifty events at most, and what it promised stays', () => {
    const world = joined();
    for (let day = 0; day < 60; day++) world.display.take(world.event({ id: `e${day}`, start: EVENING + day * 86_400 }));
    const accepted = world.display.memory.decisions.filter(({ outcome }) => outcome === 'accepted');
    expect(accepted.map(({ eventId }) => eventId)).toEqual(Array.from({ length: 50 }, (_, day) => `e${day}`));
    expect(world.display.reports.at(-1)).toMatchObject({ outcome: 'refused', reason: 'too-many' });
  });

  it('ends while it runs by the same event at level 0, and counts', () => {
    const world = joined();
    world.display.take(world.event({ minutes: 120 }));
    world.at(EVENING + 1_800);
    expect(world.display.shed(WARM)).toBeGreaterThan(0);
    world.display.take(world.event({ level: 0, minutes: 120 }));
    expect(world.display.shed(WARM)).toBe(0);
    world.display.take(world.event({ level: 1, minutes: 120 }));
    expect(world.display.reports.at(-1)).toMatchObject({ outcome: 'refused', reason: 'too-many' });
    expect(world.display.shed(WARM)).toBe(0);
  });

  it('may be moved before it begins, as one event', () => {
    const world = joined();
    world.display.take(world.event());
    world.display.take(world.event({ start: EVENING + 3_600 }));
    expect(world.display.memory.decisions).toMatchObject([{ outcome: 'accepted', asked: EVENING + 3_600 }]);
  });

  it('T8-P4: whatever is asked while time passes, no more is left unused in a day than its events and their minutes allow', () => {
    const step = fc.record({
      passes: fc.integer({ min: 0, max: 180 }),
      id: fc.constantFrom('e1', 'e1', 'e2'),
      level: fc.constantFrom(0, 1, 1, 2),
      startsIn: fc.integer({ min: -60, max: 120 }),
      minutes: fc.integer({ min: 1, max: 150 }),
    });
    const limits = fc.record({ maxPerDay: fc.integer({ min: 1, max: 2 }), maxMinutes: fc.constantFrom(60, 120) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 12 }), limits, (steps, allowed) => {
        const world = joined(allowed);
        let at = MIDNIGHT;
        let minutes = 0;
        const pass = (until: number) => {
          for (; at < until; at += 60) minutes += world.at(at).display.shed(WARM) > 0 ? 1 : 0;
        };
        for (const { passes, startsIn, ...facts } of steps) {
          pass(Math.min(at + passes * 60, MIDNIGHT + 86_400));
          const start = Math.min(Math.max(at + startsIn * 60, MIDNIGHT), MIDNIGHT + 86_399);
          world.at(at).display.take(world.event({ ...facts, start }));
        }
        pass(at + 86_400);
        expect(minutes).toBeLessThanOrEqual(allowed.maxPerDay * allowed.maxMinutes);
      }),
      { numRuns: 60 },
    );
  });

  it('T8-P4: whatever is asked, nothing exceeds the limits', () => {
    const facts = fc.record({
      id: fc.constantFrom('e1', 'e2', 'e3'),
      level: fc.integer({ min: -1, max: 5 }),
      start: fc.integer({ min: MIDNIGHT, max: MIDNIGHT + 86_400 }),
      minutes: fc.integer({ min: 1, max: 300 }),
      type: fc.constantFrom('SIMPLE', 'SIMPLE', 'SIMPLE', 'DISPATCH_SETPOINT'),
    });
    const homes = fc.record({ temperatureDeciC: fc.integer({ min: 100, max: 250 }), sheddableW: fc.integer({ min: 0, max: 9_000 }) });
    fc.assert(
      fc.property(fc.array(facts, { minLength: 1, maxLength: 6 }), homes, (events, home) => {
        const world = joined();
        for (const event of events) world.display.take(world.event(event));
        for (let at = MIDNIGHT; at < MIDNIGHT + 100_000; at += 900) {
          const shed = world.at(at).display.shed(home);
          expect(shed).toBeLessThanOrEqual((Math.min(home.sheddableW, world.limits.maxShedW) * world.limits.highestLevel) / 3);
          if (home.temperatureDeciC < world.limits.minTemperatureDeciC) expect(shed).toBe(0);
        }
        const accepted = world.display.memory.decisions.filter(({ outcome, level }) => outcome === 'accepted' && level > 0);
        for (const { from, until } of accepted) expect(until - from).toBeLessThanOrEqual(world.limits.maxMinutes * 60);
        const perDay = Map.groupBy(accepted, ({ asked }) => Math.floor(asked / 86_400));
        for (const [, sameDay] of perDay) expect(sameDay.length).toBeLessThanOrEqual(world.limits.maxPerDay);
      }),
      { numRuns: 40 },
    );
  });
});
