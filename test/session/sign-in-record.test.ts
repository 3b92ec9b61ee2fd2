import { beforeEach, describe, expect, it } from 'vitest';
import { beginSession } from '../../lambdas/session/begin-session.ts';
import type { SessionDesk } from '../../lambdas/session/desk.ts';
import { SignInLog } from '../../lambdas/session/sign-in-log.ts';
import { endOtherSession } from '../../lambdas/session/use-cases.ts';
import type { IdentityProvider } from '../../platform/ports/identity.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { Sessions } from '../../platform/ports/sessions.ts';
import { MemoryWorld } from '../support/memory-platform.ts';

const ANNA = { person: 'account-00001', role: 'customer' } as const;
const STREAM = 'sign-in/2026-01/customer.account-00001';

let world: MemoryWorld;
let session: Platform;
/** The store takes nothing. */
let isDown = false;
let log: SignInLog;
beforeEach(() => {
  world = new MemoryWorld();
  session = world.as('session');
  isDown = false;
  const { events } = session;
  const failing = {
    read: events.read.bind(events),
    head: async (stream: string) => {
      if (isDown) throw new Error('the store is down');
      return await events.head(stream);
    },
    append: events.append.bind(events),
  } as unknown as Platform['events'];
  log = new SignInLog({ ...session, events: failing });
});

let shown = 0;

const counts = async () => {
  const found: number[] = [];
  for await (const { events } of session.events.read(STREAM))
    for (const { type, data } of events) if (type === 'SignInsRefused') found.push(data.count);
  return found;
};

function desk(): SessionDesk {
  const { events, clock } = session;
  const identity = {
    verify: async () => ({ ...ANNA, login: 'anna', keyThumbprint: 'k', at: clock.now(), method: 'passkey' as const }),
  } as unknown as IdentityProvider;
  const sessions = new Sessions({ ...session, wall: clock });
  return { sessions, signIns: log, identity, events, clock, wall: clock, log: session.log, token: undefined, userAgent: '' };
}

const begin = () =>
  beginSession(desk(), 'portal', {
    caller: { person: 'public', role: 'public', proofKey: 'k' },
    body: { idToken: `a.${++shown}.c` },
  });

describe('a sign-in that can’t be recorded', () => {
  it('T8.3-3: is none: nobody has a session of it, and none is left open', async () => {
    isDown = true;
    await expect(begin()).rejects.toThrow('the store is down');
    expect(await desk().sessions.of(ANNA)).toEqual([]);
    isDown = false;
    expect((await begin()).body).toMatchObject({ person: ANNA.person });
    expect(await desk().sessions.of(ANNA)).toHaveLength(1);
  });
});

describe('a session that two browsers end at the same moment', () => {
  it('T8.3-3: ends once on record', async () => {
    const { session: ended } = (await begin()).body as { session: string };
    const call = { caller: { ...ANNA, signIn: { session: 'another', at: 0, method: 'passkey' } }, path: { session: ended } };
    const answers = await Promise.all([endOtherSession(desk(), call), endOtherSession(desk(), call)]);
    expect(answers.map(({ body }) => body)).toEqual([{ ended: true }, { ended: true }]);
    expect((await log.history(ANNA)).signIns).toMatchObject([{ session: ended, ended: { why: 'ended-by-person' } }]);
    const ends: string[] = [];
    for await (const { events } of session.events.read(STREAM)) for (const { type } of events) if (type === 'SessionEnded') ends.push(type);
    expect(ends).toHaveLength(1);
  });
});

describe('refusals that can’t be recorded', () => {
  it('wait, and are recorded when they can be, each once', async () => {
    isDown = true;
    for (let n = 0; n < 4; n++) log.refused(ANNA, 'passphrase');
    await log.flush();
    expect(await counts()).toEqual([]);
    isDown = false;
    await log.flush();
    expect(await counts()).toEqual([4]);
    await log.flush();
    expect(await counts()).toEqual([4]);
  });

  it('wait no longer than their window when something else is asked of the function', async () => {
    for (let n = 0; n < 4; n++) log.refused(ANNA, 'passphrase');
    await log.settled();
    expect(await counts()).toEqual([1]);
    world.clock.advance(10 * 60_000 - 1);
    await log.settled();
    expect(await counts()).toEqual([1]);
    world.clock.advance(1);
    await log.settled();
    expect(await counts()).toEqual([1, 3]);
  });
});
