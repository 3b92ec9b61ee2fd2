import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runRetention } from '../../lambdas/retention/run-retention.ts';
import { SignInLog } from '../../lambdas/session/sign-in-log.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { SIGN_IN_MONTHS } from '../../topology/retention.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { ManualClock } from '../support/memory-platform.ts';

let directory: string;
let clock: ManualClock;
let platform: Embedded;
beforeEach(async () => {
  directory = temporaryDirectory();
  clock = new ManualClock(Date.UTC(2031, 4, 31, 23));
  platform = await createEmbeddedPlatform({ stateDir: directory, clock, timer: false, defences: defencesUnderTest() });
});
afterEach(async () => {
  await platform.close();
  discard(directory);
});

const retained = (dryRun = false) => runRetention(platform.as('archive'), { dryRun });
const rows = async () => (await platform.as('archive').keys.list('sign-in/')).map(({ id }) => id.split('/').slice(1, 3).join(' '));

/** A customer, a person and somebody unknown are refused. */
async function refuse(): Promise<void> {
  const log = new SignInLog(platform.as('session'));
  log.refused({ role: 'customer', person: 'acc-1' }, 'passphrase');
  log.refused({ role: 'operator', person: 'olga' }, 'passkey');
  log.refused(undefined, 'passphrase');
  await log.flush();
}

describe('who signed in', () => {
  it('C10.3-3: can be read for thirteen months behind the month it lies in, and by nobody after', async () => {
    await refuse();
    clock.set(Date.UTC(2031, 5, 1));
    await refuse();
    expect(await rows()).toHaveLength(6);
    clock.set(Date.UTC(2032, 5, 30, 23, 59));
    expect(SIGN_IN_MONTHS).toBe(13);
    expect(await retained()).toMatchObject({ signIns: 0, failed: 0 });
    clock.set(Date.UTC(2032, 6, 1));
    expect(await retained(true)).toMatchObject({ signIns: 3 });
    expect(await rows()).toHaveLength(6);
    expect(await retained()).toMatchObject({ signIns: 3, failed: 0 });
    expect(await rows()).toEqual(['2031-06 customer.acc-1', '2031-06 person.olga', '2031-06 unknown']);
    expect(await retained()).toMatchObject({ signIns: 0 });
    const auditor = platform.as('auditor').events;
    for await (const { events, erased } of auditor.read('sign-in/2031-05/person.olga')) expect([events, erased]).toEqual([[], true]);
    expect(await auditor.verify('sign-in/2031-05/person.olga')).toMatchObject({ commits: 1, sealed: 1 });
  });

  it('C10.3-3: months that no run came to are made up for', async () => {
    await refuse();
    clock.set(Date.UTC(2033, 8, 3));
    expect(await retained()).toMatchObject({ signIns: 3, failed: 0 });
    expect(await rows()).toEqual([]);
  });
});
