import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { account } from '../../domain/account/account.ts';
import { Consents } from '../../lambdas/consent/consents.ts';
import { requestErasure } from '../../lambdas/erasure/ask.ts';
import { Eraser, type ErasureProgress } from '../../lambdas/erasure/erase-one.ts';
import { closeAccount } from '../../lambdas/register/tenancy.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import { Disclosures } from '../../lambdas/third-party/disclosure.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { meanwhile } from './meanwhile.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2031, 4, 20);
const RECIPIENT = 'brightly';
let directory: string;
let clock: ManualClock;
let platform: Embedded;
beforeEach(async () => {
  directory = temporaryDirectory();
  clock = new ManualClock(START);
  platform = await createEmbeddedPlatform({ stateDir: directory, clock, timer: false, defences: defencesUnderTest() });
});
afterEach(async () => {
  await platform.close();
  discard(directory);
});

/** A customer who lived somewhere for a day, long ago, and asked for the end of it. */
async function dueCustomer(accountId: string): Promise<string> {
  const [usagePoint, from] = [`home-of-${accountId}`, clock.now()];
  await runDecider(platform.as('enrol').events, `account/${accountId}`, account, [
    { type: 'OpenAccount', accountId, at: from },
    { type: 'StartTenancy', usagePoint, from, at: from },
    { type: 'EndTenancy', usagePoint, until: from + DAY_MS, at: from },
  ]);
  clock.advance(DAY_MS);
  await requestErasure(platform.as('erasure'), accountId, { by: 'customer' });
  clock.advance(61 * DAY_MS);
  return accountId;
}

async function grant(accountId: string, as: Platform = platform.as('consent')): Promise<string> {
  const now = clock.now();
  const wish = {
    recipient: RECIPIENT,
    purpose: 'bill-check',
    dataClasses: ['bills'],
    resolution: 'month',
    textHash: 'ab'.repeat(32),
  } as const;
  const span = { from: START, until: now, expiresAt: now + 300 * DAY_MS };
  return await new Consents(as, defencesUnderTest()).grant(
    { account: accountId, authTime: now - 1_000, authMethod: 'clerk' },
    { ...wish, ...span },
  );
}

const erase = (accountId: string, as: Platform = platform.as('erasure')): Promise<ErasureProgress> =>
  new Eraser({ platform: as, defences: defencesUnderTest() }).bring(accountId);
const given = async (accountId: string) => {
  const all = await new Consents(platform.as('consent'), defencesUnderTest()).list(accountId);
  return all.filter(({ status }) => status === 'granted').length;
};
const asked = (consentId: string) =>
  ({ recipient: RECIPIENT, consentId, window: { from: START, until: clock.now() }, resolution: 'month', requestId: 'r-1' }) as const;
const pull = (consentId: string) => new Disclosures(platform.as('third-party-api'), defencesUnderTest()).disclose(asked(consentId));
const push = (consentId: string) => new Disclosures(platform.as('deliver'), defencesUnderTest()).mayDeliver(asked(consentId));
const codeOf = ({ code }: { code: string }) => code;

describe('a consent given while its customer is erased', () => {
  it('C10.3-3: ends with the others or is refused, at whichever moment of the erasure', async () => {
    const answers: string[] = [];
    for (let n = 1; ; n++) {
      const customer = await dueCustomer(`acc-${n}`);
      const { platform: eraser, happened } = meanwhile(platform.as('erasure'), n, async () => {
        answers.push(await grant(customer).catch(codeOf));
      });
      await erase(customer, eraser);
      if (!happened()) break;
      expect(await given(customer), `moment ${n}`).toBe(0);
      expect(await grant(customer).catch(codeOf)).toBe('ERR_ACCOUNT_CLOSED');
    }
    expect(answers.length).toBeGreaterThan(20);
    expect(answers[0]).not.toBe('ERR_ACCOUNT_CLOSED');
    expect(answers.at(-1)).toBe('ERR_ACCOUNT_CLOSED');
  });

  it.each(['consent', 'authorization'] as const)(
    'C10.3-3: ends with the others or is refused, at whichever moment of the giving by %s',
    async (by) => {
      const answers: string[] = [];
      for (let n = 1; ; n++) {
        const customer = await dueCustomer(`acc-${n}`);
        const { platform: giver, happened } = meanwhile(platform.as(by), n, () => erase(customer));
        answers.push(await grant(customer, giver).catch(codeOf));
        if (!happened()) break;
        expect(await given(customer), `moment ${n}`).toBe(0);
      }
      expect(answers.slice(0, -1)).toEqual(Array.from({ length: answers.length - 1 }, () => 'ERR_ACCOUNT_CLOSED'));
      expect(answers.length).toBeGreaterThan(3);
    },
  );

  /** A process that found the account open, granted while it was erased, and ended before it looked again. */
  async function slippedIn(customer: string): Promise<string> {
    const { events, ...rest } = platform.as('consent');
    let looks = 0;
    const dying = new Proxy(events, {
      get: (target, name) => {
        const value = Reflect.get(target, name, target) as unknown;
        if (name !== 'read') return typeof value === 'function' ? value.bind(target) : value;
        return async function* (...args: Parameters<typeof events.read>) {
          if (args[0] !== `account/${customer}`) return yield* events.read(...args);
          if (++looks === 2) throw new Error('this process is gone');
          yield* events.read(...args);
          await erase(customer);
        };
      },
    });
    await expect(grant(customer, { ...rest, events: dying })).rejects.toThrow('this process is gone');
    const [consent] = await new Consents(platform.as('consent'), defencesUnderTest()).list(customer);
    expect(consent!.status).toBe('granted');
    return consent!.consentId;
  }

  it('C10.3-3: by a process that ended before it looked again, nothing leaves by it', async () => {
    const consentId = await slippedIn(await dueCustomer('acc-1'));
    expect(await pull(consentId)).toEqual({ outcome: 'refused', why: 'consent-revoked' });
    const other = await slippedIn(await dueCustomer('acc-2'));
    expect(await push(other)).toBe('consent-revoked');
    expect([await given('acc-1'), await given('acc-2')]).toEqual([0, 0]);
  });

  it('C10.3-3: by a process that ended before it looked again, it ends at the next look', async () => {
    const customer = await dueCustomer('acc-1');
    await slippedIn(customer);
    await erase(customer);
    expect(await given(customer)).toBe(0);
  });
});

describe('an account that is closed', () => {
  it('R9.3-4: gives no consent, for nobody could take it back; what it gave before stands', async () => {
    const customer = await dueCustomer('acc-1');
    const consentId = await grant(customer);
    await closeAccount(platform.as('enrol'), customer);
    expect(await grant(customer).catch(codeOf)).toBe('ERR_ACCOUNT_CLOSED');
    expect(await push(consentId)).toBe('deliver');
    await erase(customer);
    expect(await push(consentId)).toBe('consent-revoked');
  });
});
