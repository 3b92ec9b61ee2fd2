import { describe, expect, it } from 'vitest';
import { MOST_SIGN_INS, signInHistory } from '../../domain/sign-in/history.ts';
import type { SignInEvent } from '../../events/index.ts';

const started = (session: string, at: number): SignInEvent => ({
  type: 'SessionStarted',
  data: { session, role: 'customer', method: 'passkey', device: 'Firefox on Linux', at, endsAt: at + 100 },
});
const refused = (count: number): SignInEvent => ({
  type: 'SignInsRefused',
  data: { count, reasons: { passphrase: count }, first: 1, last: 2 },
});
const ended = (session: string, why: 'signed-out' | 'withdrawn', at: number): SignInEvent => ({
  type: 'SessionEnded',
  data: { session, why, at },
});
const folded = (events: readonly SignInEvent[]) => events.reduce(signInHistory.evolve, signInHistory.initial);

describe('the history of somebody’s sign-ins', () => {
  it('counts refused tries to the sign-in behind them, and the rest since', () => {
    const { signIns, refusedSince } = folded([refused(1), refused(4), started('a', 10), started('b', 20), refused(2)]);
    expect(signIns.map(({ session, refusedBefore }) => [session, refusedBefore])).toEqual([
      ['a', 5],
      ['b', 0],
    ]);
    expect(refusedSince).toBe(2);
  });

  it('has how a session ended first, and nothing of sessions it does not know', () => {
    const { signIns } = folded([started('a', 10), ended('a', 'signed-out', 11), ended('a', 'withdrawn', 12), ended('z', 'withdrawn', 13)]);
    expect(signIns).toMatchObject([{ session: 'a', ended: { why: 'signed-out', at: 11 } }]);
  });

  it('forgets the oldest when there are more than anybody looks at', () => {
    const { signIns } = folded(Array.from({ length: MOST_SIGN_INS + 5 }, (_, n) => started(`s${n}`, n)));
    expect([signIns.length, signIns[0]!.session]).toEqual([MOST_SIGN_INS, 's5']);
  });
});
