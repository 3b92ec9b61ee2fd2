import { beforeEach, describe, expect, it } from 'vitest';
import { SESSION_LIFE, type SessionRecord, Sessions } from '../../platform/ports/sessions.ts';
import { ManualClock, MemoryWorld } from '../support/memory-platform.ts';

const MINUTE = 60_000;
const ANNA = {
  ...{ person: 'account-00001', role: 'customer' as const, keyThumbprint: 'k'.repeat(43) },
  ...{ signedInAt: 0, method: 'passkey', device: 'Firefox on Linux' },
};

let world: MemoryWorld;
let wall: ManualClock;
let sessions: Sessions;
beforeEach(() => {
  world = new MemoryWorld();
  wall = new ManualClock(world.clock.now() + 86_400_000);
  const { keys, directory, clock } = world.as('session');
  sessions = new Sessions({ keys, directory, clock, wall });
});

/** How long rows of a kind are kept, ms. */
function lives(kind: string): readonly number[] {
  const rows = [...world.keys.rows.values()].filter(({ id }) => id.startsWith(`token/${kind}/`));
  return rows.map(({ createdAt, destroyAt = Number.NaN }) => destroyAt - createdAt);
}

describe('what sessions leave', () => {
  it('R9.2-3: a mark on a proof or a sign-in outlasts whatever time either is taken', async () => {
    expect(await sessions.useOnce('proof', 'k', 'a-proof')).toBe(true);
    expect(await sessions.useOnce('id-token', 'a-hash')).toBe(true);
    const [proof, idToken] = lives('proof') as [number, number];
    // A proof dated a minute ahead is good for two; an ID token for five minutes.
    expect(Math.min(proof, idToken)).toBeGreaterThanOrEqual(10 * MINUTE);
  });

  it('T8.3-3: that it was ended is known as long as any session lasts', async () => {
    await sessions.end('a-session');
    expect(lives('session-end')).toEqual([SESSION_LIFE.customerMs]);
    expect(SESSION_LIFE.customerMs).toBeGreaterThanOrEqual(SESSION_LIFE.personMs);
  });

  it('T8.3-3: a token is over when browsers’ clock says so, whatever time the platform plays', async () => {
    const { token, expiresAt } = await sessions.begin(ANNA);
    expect(await sessions.find(token)).toMatchObject({ person: ANNA.person });
    wall.set(expiresAt - 1);
    expect(await sessions.find(token)).toMatchObject({ person: ANNA.person });
    wall.set(expiresAt);
    expect(await sessions.find(token)).toEqual({ refused: 'session-over' });
  });

  it('T8.3-3: no renewal makes a token of a session that lasts longer than the session', async () => {
    const { record } = await sessions.begin(ANNA);
    wall.set(record.endsAt - MINUTE);
    const { token, expiresAt } = await sessions.renew(record);
    expect(expiresAt).toBe(record.endsAt);
    wall.set(record.endsAt);
    expect(await sessions.find(token)).toEqual({ refused: 'session-over' });
    expect((await sessions.of(record as SessionRecord)).length).toBe(0);
  });
});

describe('all sessions of somebody, ended', () => {
  const OLGA = { ...ANNA, person: 'olga', role: 'operator' as const };
  const tokensOf = async (signedInAt: number) => (await sessions.begin({ ...OLGA, signedInAt })).token;

  it('R9.2-3, C10.2-2: are over for every token, renewed ones too, and no sign-in from before begins another', async () => {
    const first = await sessions.begin(OLGA);
    const renewed = await sessions.renew(first.record);
    const other = await tokensOf(wall.now());
    wall.set(wall.now() + MINUTE);
    await sessions.endAll(OLGA);
    for (const token of [first.token, renewed.token, other]) expect(await sessions.find(token)).toEqual({ refused: 'session-ended' });
    expect(await sessions.of(OLGA)).toEqual([]);
    for (const signedInAt of [0, wall.now()]) await expect(tokensOf(signedInAt)).rejects.toMatchObject({ code: 'ERR_SIGN_IN_ENDED' });
    // Whoever had a request under way when it happened renews what is over.
    expect(await sessions.find((await sessions.renew(first.record)).token)).toEqual({ refused: 'session-ended' });
  });

  it('go on for everybody else, and for a person of another kind by the same name', async () => {
    const anna = await sessions.begin({ ...ANNA, person: 'olga' });
    const peter = await sessions.begin({ ...OLGA, person: 'peter' });
    await sessions.endAll(OLGA);
    for (const { token } of [anna, peter]) expect(await sessions.find(token)).toHaveProperty('session');
  });

  it('begin again with a new sign-in, and end again, as often as it is asked', async () => {
    let before = await tokensOf(wall.now());
    for (let turn = 0; turn < 12; turn += 1) {
      await sessions.endAll(OLGA);
      expect(await sessions.find(before)).toEqual({ refused: 'session-ended' });
      wall.set(wall.now() + 1);
      before = await tokensOf(wall.now());
      expect(await sessions.find(before)).toMatchObject({ generation: turn + 1 });
      expect(await sessions.of(OLGA)).toHaveLength(1);
    }
  });
});

describe('a session that is renewed again and again', () => {
  it('leaves a row an hour and no more, and says within the hour when it was used', async () => {
    const { record } = await sessions.begin({ ...ANNA, signedInAt: wall.now() });
    for (let minute = 0; minute < 119; minute += 1) {
      wall.set(wall.now() + MINUTE);
      await sessions.renew(record);
    }
    expect(lives('session-of')).toHaveLength(2);
    const [listed, ...more] = await sessions.of(ANNA);
    expect(more).toEqual([]);
    expect(wall.now() - listed!.lastUsedAt).toBeLessThan(60 * MINUTE);
  });
});
