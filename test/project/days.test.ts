import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { MeterDayEvent } from '../../events/index.ts';
import { DAY_TABLES } from '../../lambdas/project/day-projection.ts';
import { DAY_SUMMARIES, daysOf } from '../../lambdas/project/day-summaries.ts';
import { evolveDay, NO_DAY, openCauses } from '../../lambdas/project/day-view.ts';
import { EXCEPTIONS, type ExceptionStatus, exceptionGroups } from '../../lambdas/project/exceptions.ts';
import { rebuildModel } from '../../lambdas/project/rebuild.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { AT, collected, DAY, DayBook, edit, finalized, frame, provisional, restated, validated, warned } from './day-facts.ts';
import { contents, type Follow, follower } from './following.ts';

let book: DayBook;
let follow: Follow;

beforeEach(() => {
  book = new DayBook();
  follow = follower(book.world.as('project'));
});

async function followAll(): Promise<void> {
  expect(await follow(book.arrivals)).toEqual([]);
}

async function days(usagePoint = 'up-1', subject = 'anna') {
  const platform = book.world.as('project');
  const window = { from: AT - 3 * 86_400_000, until: AT };
  const access = await openSubjectData(platform, { purpose: 'customer-view', ...window, subjects: [subject] });
  const found = await daysOf(platform.models.table(DAY_SUMMARIES), usagePoint, '2026-01', access);
  return found.map(({ day, part, meterId, state, outcome }) => `${day}.${part} ${meterId} ${state} ${outcome.channels[0]!.energyWh}`);
}

async function groups(status?: ExceptionStatus) {
  const found = await exceptionGroups(book.world.as('project').models.table(EXCEPTIONS), '2026-01-01', '2026-02-01', status);
  return found.map(({ cause, meters, status: is, oldest }) => ({ cause, meters, status: is, oldest: oldest - AT }));
}

/** What the queue and the summary say of the first day with a proposal. */
async function proposalOf() {
  const platform = book.world.as('project');
  const found = await exceptionGroups(platform.models.table(EXCEPTIONS), '2026-01-01', '2026-02-01');
  const { status, by } = found.find(({ cause }) => cause === 'proposal')!.exceptions[0]!;
  const access = await openSubjectData(platform, { purpose: 'customer-view', from: AT - 3 * 86_400_000, until: AT, subjects: ['anna'] });
  const [summary] = await daysOf(platform.models.table(DAY_SUMMARIES), 'up-1', '2026-01', access);
  return { status, by, waits: summary!.waits ?? false };
}

function causes(...events: readonly MeterDayEvent[]): string[] {
  return [...openCauses(events.reduce(evolveDay, NO_DAY))];
}

describe('causes of a day, given its events', () => {
  it.each<[string, MeterDayEvent[], string[]]>([
    ['collected, not judged yet', [collected()], []],
    ['whole', [collected(), validated(), finalized(1)], []],
    ['slots missing', [collected(), provisional(1, { missing: 3 })], ['gap']],
    ['slots missing in an outage', [collected(frame(), [7]), provisional(1, { missing: 3 })], ['outage/2026-01-14T07:00Z']],
    ['an outage, and nothing missing', [collected(frame(), [7]), finalized(1)], []],
    [
      'rules with errors hold it',
      [collected(), validated('V08', 'V15', 'V04'), provisional(1, { held: 2 }, true)],
      ['rule/V08', 'rule/V15'],
    ],
    ['rules with errors, accepted since', [collected(), validated('V08'), provisional(1, { held: 2 }, true), provisional(2)], []],
    [
      'the seal contradicts the profile',
      [collected(), { type: 'SealMismatch', data: { channel: 0, from: 0, until: 1, what: 'seal-head' } }, provisional(1, {}, true)],
      ['profile/seal-head'],
    ],
    [
      'silent, estimated for days, and one register behind the others',
      [collected(), warned('V24', 'V25', 'V26', 'V17'), provisional(1, { estimated: 9 })],
      ['rule/V24', 'rule/V25', 'rule/V26'],
    ],
    [
      'silent, and final since',
      [collected(), warned('V24', 'V26'), provisional(1, { estimated: 9 }), finalized(2, { estimated: 9 })],
      ['rule/V24'],
    ],
    [
      'silent, some of it came since',
      [collected(), warned('V26'), provisional(1, { missing: 9 }), warned(), provisional(2, { estimated: 2 })],
      ['rule/V26'],
    ],
    [
      'silent, and all of it came since',
      [collected(), warned('V24', 'V26'), provisional(1, { estimated: 9 }), warned(), provisional(2)],
      [],
    ],
    ['held for no reason that was recorded', [collected(), provisional(1, {}, true)], ['held']],
    ['events of tomorrow', [collected(), { type: 'DayPondered', data: { at: AT } } as unknown as MeterDayEvent, finalized(1)], []],
  ])('%s', (_, events, expected) => {
    expect(causes(...events)).toEqual(expected);
  });
});

describe('day summaries', () => {
  it('say how each day of a usage point stands, part by part and meter by meter', async () => {
    await book.record(`m1/${DAY}`, 'anna', collected(), provisional(1));
    await book.record(`m2/${DAY}.2`, 'anna', collected(frame({ meterId: 'm2', part: 2 })), finalized(1, { energyWh: 5 }));
    await book.record(`m3/${DAY}`, 'anna', collected(frame({ meterId: 'm3' })));
    await followAll();
    expect(await days()).toEqual([`${DAY}.1 m1 provisional 9417`, `${DAY}.2 m2 final 5`]);
    await book.record(`m1/${DAY}`, 'anna', finalized(2), restated(3, 9_500));
    await follow(book.arrivals.slice(-1));
    expect(await days()).toEqual([`${DAY}.1 m1 restated 9500`, `${DAY}.2 m2 final 5`]);
  });

  it('R9.1-3: are gone with the key of their subject', async () => {
    await book.record(`m1/${DAY}`, 'anna', collected(), finalized(1));
    await followAll();
    book.world.models.erase('anna', '2026-01');
    expect(await days()).toEqual([]);
  });

  it('a day that was sealed again for another subject shows nothing that was said of it before, until it is stated again', async () => {
    await book.record(`m1/${DAY}`, 'anna', collected(), finalized(1));
    await followAll();
    expect(await days()).toEqual([`${DAY}.1 m1 final 9417`]);
    const ben = frame({ subject: 'ben' });
    await book.record(`m1/${DAY}`, 'ben', { type: 'DayResealed', data: { frame: ben, history: [collected(ben)], reason: 'cut', at: AT } });
    const both = follower(withSubjects('anna', 'ben'));
    expect(await both(book.arrivals.slice(-1))).toEqual([]);
    expect([await days('up-1', 'anna'), await days('up-1', 'ben')]).toEqual([[], []]);
    await book.record(`m1/${DAY}`, 'ben', restated(2, 4_000));
    expect(await both(book.arrivals.slice(-1))).toEqual([]);
    expect(await days('up-1', 'ben')).toEqual([`${DAY}.1 m1 restated 4000`]);
  });

  it('a part of which nothing is left has no summary, and its exceptions are closed', async () => {
    await book.record(`m1/${DAY}`, 'anna', collected(), provisional(1, { missing: 4 }));
    await followAll();
    expect(await groups()).toEqual([{ cause: 'gap', meters: 1, status: 'open', oldest: 1 }]);
    await book.record(`m1/${DAY}`, 'anna', { type: 'DayResealed', data: { frame: frame(), history: [], reason: 'cut', at: AT } });
    await followAll();
    expect(await days()).toEqual([]);
    expect(await groups()).toEqual([{ cause: 'gap', meters: 1, status: 'closed', oldest: 1 }]);
  });
});

/** A destroyed row opens for everybody; in memory none is destroyed, so both subjects are asked for. */
function withSubjects(...subjects: readonly string[]) {
  const platform = book.world.as('project');
  const read: typeof platform.events.read = (stream, from) => {
    const window = { purpose: 'projection' as const, from: AT - 86_400_000 * 3, until: AT };
    return (async function* () {
      const access = await openSubjectData(platform, { ...window, subjects });
      yield* platform.events.read(stream, from, access);
    })();
  };
  const { events } = platform;
  const others = {
    head: events.head.bind(events),
    append: events.append.bind(events),
    prepare: events.prepare.bind(events),
    rowsOf: events.rowsOf.bind(events),
    evidence: events.evidence.bind(events),
    traceAt: events.traceAt.bind(events),
    latest: events.latest.bind(events),
    verify: events.verify.bind(events),
    anchor: events.anchor.bind(events),
    isHot: events.isHot.bind(events),
    trim: events.trim.bind(events),
    archive: events.archive.bind(events),
    sweep: events.sweep.bind(events),
  };
  return { ...platform, events: { ...others, read, streams: events.streams.bind(events) } };
}

describe('the exceptions queue', () => {
  it('one outage is one row of all its meters, another cause one row a day, oldest first', async () => {
    for (let meter = 1; meter <= 40; meter++) {
      const of = frame({ meterId: `m${meter}`, usagePoint: `up-${meter}` });
      await book.record(`m${meter}/${DAY}`, 'anna', collected(of, [7]), provisional(meter, { missing: 4 }));
    }
    const held = frame({ meterId: 'm99', usagePoint: 'up-99' });
    await book.record(`m99/${DAY}`, 'anna', collected(held), validated('V08'), provisional(50, { held: 1 }, true));
    await followAll();
    expect(await groups()).toEqual([
      { cause: 'outage/2026-01-14T07:00Z', meters: 40, status: 'open', oldest: 1 },
      { cause: 'rule/V08', meters: 1, status: 'open', oldest: 50 },
    ]);
  });

  it('an outage over midnight is one row, in whichever window it is looked for; one that begins at midnight is another', async () => {
    const days = [DAY, '2026-01-15', '2026-01-16'];
    for (const [meter, hours] of [
      ['m1', [[22, 23], [24], []]],
      ['m2', [[23], Array.from({ length: 24 }, (_, hour) => 24 + hour), [48]]],
      ['m3', [[], [24], []]],
    ] as const) {
      for (const [n, day] of days.entries()) {
        const start = frame().start + n * 86_400;
        const of = frame({ meterId: meter, usagePoint: `up-${meter}`, day, start, end: start + 86_400 });
        const spans = hours[n]!.map((hour) => ({ from: frame().start + hour * 3_600, until: frame().start + (hour + 1) * 3_600 }));
        const joined = spans.length === 0 ? [] : [{ from: spans[0]!.from, until: spans.at(-1)!.until }];
        const { type, data } = collected(of) as Extract<MeterDayEvent, { type: 'ReadingsCollected' }>;
        const stands = joined.length === 0 ? finalized(1) : provisional(1, { missing: 4 });
        await book.record(`${meter}/${day}`, 'anna', { type, data: { ...data, outages: joined } }, stands);
      }
    }
    await followAll();
    const rows = async (from: string) => {
      const found = await exceptionGroups(book.world.as('project').models.table(EXCEPTIONS), from, '2026-02-01');
      return found.map(({ cause, days: touched, meters }) => [cause, touched.length, meters]);
    };
    const [m1, m2, m3] = [
      ['outage/2026-01-14T22:00Z', 2, 1],
      ['outage/2026-01-14T23:00Z', 3, 1],
      ['outage/2026-01-15T00:00Z', 1, 1],
    ];
    expect(await rows(DAY)).toEqual([m1, m2, m3]);
    expect(await rows('2026-01-15')).toEqual([m1, m2, m3]);
    expect(await rows('2026-01-16')).toEqual([m2]);
  });

  it('a row is open until every day of it is settled, assigned while all that is left waits for a second person', async () => {
    for (const meter of ['m1', 'm2'])
      await book.record(
        `${meter}/${DAY}`,
        'anna',
        collected(frame({ meterId: meter })),
        validated('V08'),
        provisional(1, { held: 1 }, true),
      );
    await followAll();
    await book.record(`m1/${DAY}`, 'anna', provisional(2));
    await followAll();
    expect(await groups('open')).toEqual([{ cause: 'rule/V08', meters: 2, status: 'open', oldest: 1 }]);
    await book.record(`m2/${DAY}`, 'anna', edit('EditProposed', 1));
    await followAll();
    expect(await groups('open')).toEqual([{ cause: 'proposal', meters: 1, status: 'open', oldest: 100 }]);
    expect(await groups('assigned')).toEqual([{ cause: 'rule/V08', meters: 2, status: 'assigned', oldest: 1 }]);
    await book.record(`m2/${DAY}`, 'anna', edit('SlotsEdited', 1), finalized(2));
    await followAll();
    expect(await groups('closed')).toEqual([
      { cause: 'rule/V08', meters: 2, status: 'closed', oldest: 1 },
      { cause: 'proposal', meters: 1, status: 'closed', oldest: 100 },
    ]);
  });

  it('a proposal on a final day where nothing else is open is a row of its own, and a mark of the day, until it is decided', async () => {
    await book.record(`m1/${DAY}`, 'anna', collected(), finalized(1));
    await followAll();
    expect(await groups()).toEqual([]);
    await book.record(`m1/${DAY}`, 'anna', edit('EditProposed', 1));
    await followAll();
    expect(await groups()).toEqual([{ cause: 'proposal', meters: 1, status: 'open', oldest: 100 }]);
    expect(await proposalOf()).toEqual({ status: 'open', by: 'olga', waits: true });
    await book.record(`m1/${DAY}`, 'anna', edit('SlotsEdited', 1));
    await followAll();
    expect(await groups()).toEqual([{ cause: 'proposal', meters: 1, status: 'closed', oldest: 100 }]);
    expect(await proposalOf()).toEqual({ status: 'closed', by: undefined, waits: false });
  });

  it('holds no value and no customer', async () => {
    await book.record(`m1/${DAY}`, 'anna', collected(), provisional(1, { missing: 3, energyWh: 77_777 }));
    await followAll();
    const items = JSON.stringify(book.world.models.dump(EXCEPTIONS));
    expect(items).toContain('up-1');
    expect(items).not.toMatch(/anna|77777|energy/);
  });
});

describe('read models of days', () => {
  const fact = fc.oneof(
    fc
      .record({ missing: fc.integer({ min: 0, max: 2 }), held: fc.boolean() })
      .map(({ missing, held }) => provisional(1, { missing }, held)),
    fc.constantFrom(collected(), collected(frame(), [3]), validated(), validated('V08'), edit('EditProposed', 1), edit('SlotsEdited', 1)),
    fc.constantFrom(finalized(2), restated(3, 1_000)),
  );

  it('are the same however commits come in batches and twice, and made anew', async () => {
    const life = fc.array(fc.record({ meter: fc.integer({ min: 1, max: 3 }), facts: fc.array(fact, { minLength: 1, maxLength: 4 }) }), {
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(life, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 }), async (commits, sizes) => {
        book = new DayBook();
        follow = follower(book.world.as('project'));
        let done = 0;
        for (const [i, { meter, facts }] of commits.entries()) {
          await book.record(`m${meter}/${DAY}`, 'anna', collected(frame({ meterId: `m${meter}` })), ...facts);
          if (i % sizes[i % sizes.length]! > 0) continue;
          expect(await follow(book.arrivals.slice(Math.max(0, done - 1)))).toEqual([]);
          done = book.arrivals.length;
        }
        expect(await follow(book.arrivals.slice(Math.max(0, done - 1)))).toEqual([]);
        const incremental = contents(book.world, DAY_TABLES);
        await rebuildModel(book.world.as('project'), 'days');
        expect(contents(book.world, DAY_TABLES)).toEqual(incremental);
      }),
      { numRuns: 60 },
    );
  });
});
