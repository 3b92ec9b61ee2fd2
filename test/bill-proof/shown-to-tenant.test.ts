import fc from 'fast-check';
import { expect, it } from 'vitest';
import { multiplierAt, tariffOn } from '../../domain/usagepoint/queries.ts';
import { subjectAt } from '../../domain/usagepoint/tenancy.ts';
import { usagePoint } from '../../domain/usagepoint/usagepoint.ts';
import type { UsagePointCommand } from '../../domain/usagepoint/usagepoint-command.ts';
import type { OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import type { DomainEvent, UsagePointEvent } from '../../events/index.ts';
import { bindingEvidence } from '../../lambdas/bill-proof/binding-evidence.ts';
import { statedTo } from '../../lambdas/register/state-to-tenants.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { ASSET, cut, DAY, installed, MIDNIGHT, OPENED, removed } from '../subjects/given.ts';

const TENANTS = ['ann', 'ben', 'cleo'];
const [METERS, at] = [['m-1', 'm-2'], MIDNIGHT];
const instants = fc.integer({ min: 0, max: 20 }).map((day) => MIDNIGHT + day * DAY);
const registers = [{ channel: 0, counts: 7 }];
/** The zone of the usage point has no summer time in March. */
const dateOf = (instant: number): string => new Date(instant).toISOString().slice(0, 10);
const commands: fc.Arbitrary<UsagePointCommand> = fc.oneof(
  fc.record({ type: fc.constant('InstallMeter' as const), meterId: fc.constantFrom(...METERS), from: instants }).map((one) => {
    return { ...one, asset: ASSET, registers, at };
  }),
  fc.record({ type: fc.constant('RemoveMeter' as const), meterId: fc.constantFrom(...METERS), until: instants }).map((one) => {
    return { ...one, registers, at };
  }),
  fc.record({ type: fc.constant('CutTenancy' as const), subject: fc.constantFrom(...TENANTS, 'utility'), from: instants }).map((one) => {
    return { ...one, at };
  }),
  fc.record({ since: instants, subject: fc.constantFrom(...TENANTS, 'utility') }).map(({ since, subject }) => {
    return { type: 'CorrectTenancy' as const, since, cuts: [{ subject, from: since }], reason: 'told late', by: 'clerk', at };
  }),
  fc.record({ off: fc.boolean(), instant: instants }).map(({ off, instant }) => {
    const type = off ? ('DisconnectSupply' as const) : ('ReconnectSupply' as const);
    return { type, instant, reason: 'unpaid', by: 'clerk', at };
  }),
  fc.record({ meterId: fc.constantFrom(...METERS), instant: instants }).map((one) => {
    return { type: 'RecordMoveRead' as const, ...one, registers, kind: 'measured' as const, at };
  }),
  fc.record({ tariff: fc.constantFrom('flat', 'bands', 'dear'), instant: instants }).map(({ tariff, instant }) => {
    return { type: 'AssignTariff' as const, tariff, from: dateOf(instant), at };
  }),
  fc.record({ meterId: fc.constantFrom(...METERS), multiplier: fc.constantFrom(2, 3), validFrom: instants }).map((one) => {
    return { type: 'CorrectMultiplier' as const, ...one, channel: 0, reason: 'seen on site', by: 'clerk', at };
  }),
);

/** A commit for each command that is taken. */
function history(asked: readonly UsagePointCommand[]): { readonly commits: readonly DomainEvent[][]; readonly state: OpenUsagePoint } {
  const commits: DomainEvent[][] = [[OPENED]];
  let state = usagePoint.evolve(usagePoint.initial, OPENED) as OpenUsagePoint;
  for (const command of asked) {
    try {
      const events = usagePoint.decide(command, state);
      state = events.reduce(usagePoint.evolve, state) as OpenUsagePoint;
      if (events.length > 0) commits.push([...events]);
    } catch {
      // What a usage point refuses is no history.
    }
  }
  return { commits, state };
}

async function shownTo(accountId: string, commits: readonly DomainEvent[][]): Promise<readonly DomainEvent[]> {
  const evidence = async function* (stream: string) {
    if (stream.startsWith('account/')) return;
    for (const events of commits) yield { recorded: { events }, key: Buffer.alloc(32) };
  };
  const platform = { events: { evidence } } as unknown as Pick<Platform, 'events'>;
  const { point } = await bindingEvidence(platform, { accountId, usagePoint: 'up-1' });
  return point.filter(({ shown }) => shown).flatMap((one) => one.evidence.recorded.events);
}

/** When what is told of a person was so: registers and the supply. */
function instantOf({ type, data }: DomainEvent): number | undefined {
  if (type === 'MoveRead' || type === 'SupplyDisconnected' || type === 'SupplyReconnected') return data.instant;
  if (type === 'MeterInstalled') return data.from;
  return type === 'MeterRemoved' ? data.until : undefined;
}

it('C10.1-7: whatever became of a usage point, a tenant is shown nobody else, and nothing of a time that is another’s', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(commands, { minLength: 3, maxLength: 25 }), fc.constantFrom(...TENANTS), async (asked, account) => {
      const { commits, state } = history(asked);
      const shown = await shownTo(account, commits);
      const others = TENANTS.filter((one) => one !== account);
      for (const other of others) expect(JSON.stringify(shown)).not.toContain(`"${other}"`);
      for (const event of shown) {
        const instant = instantOf(event);
        // At a move both are there: a register that is read then ends the one tenancy and begins the other.
        if (instant === undefined) continue;
        const there = [subjectAt(state.tenancy, instant), subjectAt(state.tenancy, instant - 1)];
        expect(there.some((subject) => subject === account || subject === 'utility')).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

it('C10.1-7: whatever became of a usage point, what a tenant is told of it begins and ends in their own time, and is what holds then', async () => {
  await fc.assert(
    fc.property(fc.array(commands, { minLength: 3, maxLength: 25 }), fc.constantFrom(...TENANTS), (asked, account) => {
      const { state } = history(asked);
      const told = statedTo(state, account);
      const own = (instant: number) => subjectAt(state.tenancy, instant) === account;
      for (const { from, until, asset } of told.meters) {
        expect([from, ...asset.channels.map(({ validFrom }) => validFrom)].every(own)).toBe(true);
        expect(until === undefined || own(until - 1)).toBe(true);
      }
      expect(told.multipliers.every(({ validFrom }) => own(validFrom))).toBe(true);
      expect(told.tariffs.every(({ from }) => own(Date.parse(from)))).toBe(true);
      const known = { ...state, ...told, installations: told.meters } as unknown as OpenUsagePoint;
      for (let instant = MIDNIGHT; instant < MIDNIGHT + 22 * DAY; instant += DAY) {
        if (!own(instant)) continue;
        expect(tariffOn(known, dateOf(instant))).toBe(tariffOn(state, dateOf(instant)));
        for (const meter of METERS) expect(multiplierAt(known, meter, 0, instant)).toBe(multiplierAt(state, meter, 0, instant));
      }
    }),
    { numRuns: 1_000 },
  );
});

it('C10.1-7: a tenant who came back is not told when a meter was removed while it was somebody else’s', () => {
  const [left, removedAt, back] = [MIDNIGHT + 5 * DAY, MIDNIGHT + 7 * DAY, MIDNIGHT + 10 * DAY];
  const facts = [OPENED, cut('ann', MIDNIGHT), installed('m-1'), cut('ben', left), removed('m-1', removedAt), cut('ann', back)];
  const state = facts.reduce(usagePoint.evolve, usagePoint.initial) as OpenUsagePoint;
  expect(statedTo(state, 'ann').meters).toMatchObject([{ from: MIDNIGHT, until: left }]);
});

it('C10.1-7: a later tenant is not told since when meter, multiplier and tariff are what they are', () => {
  const moved = MIDNIGHT + 20 * DAY;
  const facts: UsagePointEvent[] = [
    ...[OPENED, cut('ann', MIDNIGHT), installed('m-1', MIDNIGHT + 7 * DAY), cut('ben', moved)],
    { type: 'TariffAssigned', data: { tariff: 'heat-pump', from: dateOf(MIDNIGHT + 5 * DAY), at } },
    {
      type: 'MultiplierCorrected',
      data: { meterId: 'm-1', channel: 0, multiplier: 3, validFrom: MIDNIGHT + 9 * DAY, reason: 'r', by: 'c', at },
    },
  ];
  const told = statedTo(facts.reduce(usagePoint.evolve, usagePoint.initial) as OpenUsagePoint, 'ben');
  expect(told).toMatchObject({
    meters: [{ meterId: 'm-1', from: moved }],
    multipliers: [{ multiplier: 3, validFrom: moved }],
    tariffs: [{ tariff: 'heat-pump', from: dateOf(moved) }],
  });
});

it('C10.1-7: who was the only tenant is shown all of it', async () => {
  const own = fc.array(
    commands.filter((one) => !JSON.stringify(one).match(/ben|cleo/)),
    { maxLength: 15 },
  );
  await fc.assert(
    fc.asyncProperty(own, async (asked) => {
      const { commits } = history(asked);
      expect(await shownTo('ann', commits)).toEqual(commits.flat());
    }),
  );
});
