import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchWindow } from '../../domain/telemetry/batch-window.ts';
import type { MemberChange } from '../../domain/telemetry/member-columns.ts';
import { judgedBy, type Member, Members, newMember } from '../../domain/telemetry/members.ts';
import { HOME } from '../support/sealed-town.ts';

const OTHER = { ...HOME, intervalMinutes: 30 as const, fuseW: 9_000, channels: [HOME.channels[0]!, HOME.channels[0]!] };
const asset = fc.constantFrom(HOME, OTHER);
const relays = fc.constantFrom(
  [],
  [{ dcId: 'one', from: 0 }],
  [
    { dcId: 'one', from: 0, until: 5 },
    { dcId: 'two', from: 5 },
  ],
);
const status = fc.constantFrom('active' as const, 'quarantined' as const, 'retired' as const);
const instant = fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) });
const cameBy = fc.array(fc.constantFrom('aa', 'bb'), { maxLength: 2 });
const number = fc.nat(20);
const carried = fc.constantFrom([], [{ segment: '00001', dcId: 'one', at: 7, window: new BatchWindow() }]);

const step = fc.oneof(
  fc.record({ does: fc.constant('set' as const), number, asset, relays, status, at: instant, lane: fc.nat(1_000), cameBy }),
  fc.record({
    does: fc.constant('change' as const),
    number,
    asset: fc.option(asset),
    relays: fc.option(relays),
    status: fc.option(status),
    carried: fc.option(carried),
  }),
  fc.record({ does: fc.constant('answered' as const), number, dnSeq: fc.integer({ min: 0, max: 0xffff_ffff }), at: instant }),
  fc.record({ does: fc.constant('remove' as const), number }),
  fc.record({ does: fc.constant('skip' as const), number }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const meterIdOf = (n: number) => (0xf0a0_0000_0000_0000n + BigInt(n) * 0x1_0000_0001n).toString(16);

/** What members were before they were columns: an object each. */
class Objects {
  readonly members: (Member | undefined)[] = [];

  play(one: Step, columns: Members): void {
    const known = this.members[one.number];
    if (one.does === 'set') this.#set(one, columns);
    else if (one.does === 'skip') {
      while (this.members.length <= one.number) this.members.push(undefined);
      columns.skip(one.number);
    } else if (known === undefined) expect(columns.at(one.number)).toBeUndefined();
    else if (one.does === 'remove') {
      this.members[one.number] = undefined;
      columns.remove(one.number);
    } else if (one.does === 'answered') {
      for (const member of [known, columns.at(one.number)!])
        Object.assign(member, { dnSeq: one.dnSeq, ackedAt: one.at, askedAt: one.at / 2 });
    } else {
      const change = changeOf(one);
      this.members[one.number] = { ...known, ...change.kind, ...change } as Member;
      columns.change(one.number, change);
    }
  }

  #set(one: Extract<Step, { does: 'set' }>, columns: Members): void {
    const lanes = one.asset.channels.map((_, channel) => one.lane + channel);
    const fresh = newMember(meterIdOf(one.number), one.asset, one.relays, one.at, lanes);
    const member = { ...fresh, status: one.status, cameBy: one.cameBy, joined: one.number - 1, dnSeq: one.lane, ackedAt: one.at };
    while (this.members.length <= one.number) this.members.push(undefined);
    this.members[one.number] = member;
    columns.set(one.number, member);
  }
}

/** Only what is told. */
function changeOf(one: Extract<Step, { does: 'change' }>): MemberChange {
  return {
    ...(one.asset && { kind: judgedBy(one.asset) }),
    ...(one.relays && { relays: one.relays }),
    ...(one.status && { status: one.status }),
    ...(one.carried && { carried: one.carried }),
  };
}

/** A member with whatever it says of itself. */
function said(member: Member | undefined) {
  if (member === undefined) return undefined;
  const { meterId, kind, asset, relays, status, since, lanes, capacity, modulus, joined, carried, cameBy, dnSeq, ackedAt, askedAt } =
    member;
  return { meterId, kind, asset, relays, status, since, lanes, capacity, modulus, joined, carried, cameBy, dnSeq, ackedAt, askedAt };
}

describe('members of a segment', () => {
  it('say in columns what an object for each said, whatever is set, changed and taken out', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
        const columns = new Members();
        const objects = new Objects();
        for (const one of steps) objects.play(one, columns);
        const here = objects.members.flatMap((member, n) => (member === undefined ? [] : [[n, said(member)] as const]));
        expect([...columns.all()].map(([n, member]) => [n, said(member)])).toEqual(here);
        expect([columns.count, columns.present]).toEqual([objects.members.length, here.length]);
        for (const [n, member] of objects.members.entries()) {
          expect(said(columns.at(n))).toEqual(said(member));
          expect(columns.findId(meterIdOf(n))).toBe(member === undefined ? -1 : n);
          if (member !== undefined)
            expect([0, 1, 2].map((channel) => columns.lane(n, channel))).toEqual([0, 1, 2].map((i) => member.lanes[i]));
        }
      }),
    );
  });

  it('keep nothing of what a member carried once it left', () => {
    const columns = new Members();
    const carried = [{ segment: '0', dcId: 'one', at: 1, window: new BatchWindow() }];
    columns.set(0, { ...newMember(meterIdOf(0), { ...HOME }, [], 0, [0]), carried, cameBy: ['ab'] });
    const place = columns.at(0)!;
    expect([place.carried, place.cameBy]).toEqual([carried, ['ab']]);
    columns.remove(0);
    expect([place.carried, place.cameBy]).toEqual([[], []]);
  });

  it('share what meters of a kind and of a neighbourhood have in common', () => {
    const columns = new Members();
    for (let n = 0; n < 3; n++) columns.set(n, newMember(meterIdOf(n), { ...HOME }, [{ dcId: 'one', from: 0 }], 0, [n]));
    const [first, second] = [columns.at(0)!, columns.at(1)!];
    expect(second.kind).toBe(first.kind);
    expect(second.relays).toBe(first.relays);
  });
});
