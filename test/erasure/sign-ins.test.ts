import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { account } from '../../domain/account/account.ts';
import { erasureStanding, requestErasure } from '../../lambdas/erasure/ask.ts';
import { runErasures } from '../../lambdas/erasure/run-erasures.ts';
import { SignInLog } from '../../lambdas/session/sign-in-log.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { discard, filesWith, temporaryDirectory } from '../contract/support/state.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { ManualClock } from '../support/memory-platform.ts';

const DAY_MS = 86_400_000;
const [ERASED, OTHER] = ['acc-1', 'acc-10'];
let directory: string;
let clock: ManualClock;
let platform: Embedded;
beforeEach(async () => {
  directory = temporaryDirectory();
  clock = new ManualClock(Date.UTC(2031, 4, 20));
  platform = await createEmbeddedPlatform({ stateDir: directory, clock, timer: false, defences: defencesUnderTest() });
  for (const accountId of [ERASED, OTHER])
    await runDecider(platform.as('enrol').events, `account/${accountId}`, account, { type: 'OpenAccount', accountId, at: clock.now() });
});
afterEach(async () => {
  await platform.close();
  discard(directory);
});

const log = () => new SignInLog(platform.as('session'));
const historyOf = (person: string) => log().history({ role: 'customer', person });
const rows = (owner: string, month: string) => platform.as('archive').keys.list(`sign-in/${month}/customer.${owner}/`);

async function signIn(person: string): Promise<void> {
  const record = {
    person,
    role: 'customer',
    keyThumbprint: 'k',
    signedInAt: 0,
    method: 'passkey',
    device: `quillfeather of ${person}`,
  } as const;
  await log().started({ ...record, session: `of-${person}-${clock.now()}`, endsAt: 0, login: person, generation: 0, askedAt: 0 }, DAY_MS);
}

const erase = (as: Platform = platform.as('erasure')) => runErasures({ platform: as, defences: defencesUnderTest() });

/** Asked for, and nobody thought again. */
async function asked(): Promise<void> {
  for (const person of [ERASED, OTHER]) await signIn(person);
  clock.advance(20 * DAY_MS);
  for (const person of [ERASED, OTHER]) await signIn(person);
  await requestErasure(platform.as('erasure'), ERASED, { by: 'customer' });
  clock.advance(8 * DAY_MS);
}

describe('who signed in as a customer who is erased', () => {
  it('C10.3-3: can be read by nobody any more, in none of the months; a customer of a longer name keeps theirs; chains are whole', async () => {
    await asked();
    expect((await historyOf(ERASED)).signIns).toHaveLength(2);
    await erase();
    for (const month of ['2031-05', '2031-06']) {
      expect(await rows(ERASED, month)).toEqual([]);
      expect(await rows(OTHER, month)).toHaveLength(1);
    }
    expect((await historyOf(ERASED)).signIns).toEqual([]);
    expect((await historyOf(OTHER)).signIns).toHaveLength(2);
    for await (const stream of platform.as('auditor').events.streams('sign-in/'))
      expect(await platform.as('auditor').events.verify(stream), stream).not.toHaveProperty('bad');
    expect(filesWith(directory, Buffer.from('quillfeather'))).toEqual([]);
  });

  it('C10.3-3: goes as access ends, and waits for none of the keys that law keeps for years', async () => {
    await asked();
    const { keys, ...rest } = platform.as('erasure');
    const broken: Platform['keys'] = {
      get: (id) => keys.get(id),
      list: (prefix) => keys.list(prefix),
      putIfAbsent: (row) => keys.putIfAbsent(row),
      destroy: (id) => keys.destroy(id),
      destroyed: async () => {
        throw new Error('the next step fails');
      },
    };
    expect(await erase({ ...rest, keys: broken })).toMatchObject({ failed: [ERASED] });
    expect((await erasureStanding(platform.as('erasure'), ERASED)).state.status).toBe('access-ended');
    expect(await rows(ERASED, '2031-06')).toEqual([]);
  });

  it('C10.3-3: what came in the same moment is swept away', async () => {
    await asked();
    await erase();
    await signIn(ERASED);
    expect(await rows(ERASED, '2031-06')).toHaveLength(1);
    await erase();
    clock.advance(DAY_MS);
    await erase();
    expect(await rows(ERASED, '2031-06')).toEqual([]);
  });

  it('C10.3-3: what was refused before and waits to be recorded brings no key back; it is counted with tries under nobody’s name', async () => {
    await asked();
    const waiting = log();
    for (let tries = 0; tries < 3; tries++)
      for (const person of [ERASED, OTHER]) waiting.refused({ role: 'customer', person }, 'passphrase');
    await waiting.settled();
    await erase();
    expect(await rows(ERASED, '2031-06')).toEqual([]);
    clock.advance(11 * 60_000);
    await waiting.settled();
    waiting.refused({ role: 'customer', person: ERASED }, 'person-barred');
    await waiting.flush();
    expect(await rows(ERASED, '2031-06')).toEqual([]);
    const refused: [string, number][] = [];
    for (const owner of ['unknown', `customer.${OTHER}`])
      for await (const { events } of platform.as('auditor').events.read(`sign-in/2031-06/${owner}`))
        for (const { type, data } of events) if (type === 'SignInsRefused') refused.push([owner, data.count]);
    expect(refused).toEqual([
      ['unknown', 2],
      ['unknown', 1],
      [`customer.${OTHER}`, 1],
      [`customer.${OTHER}`, 2],
    ]);
  });
});
