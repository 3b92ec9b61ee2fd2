import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Consents } from '../../lambdas/consent/consents.ts';
import { erasureStanding, placeHold, releaseHold, requestErasure, withdrawErasure } from '../../lambdas/erasure/ask.ts';
import { afterRestore } from '../../lambdas/maintenance/restore.ts';
import { runDuties } from '../../lambdas/maintenance/run-duties.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { Disclosures } from '../../lambdas/third-party/disclosure.ts';
import { backUp, putBack, restored } from '../../platform/embedded/backup.ts';
import { KEPT_WORD_DAYS } from '../../topology/personal-data.ts';
import { filesWith, temporaryDirectory } from '../contract/support/state.ts';
import { FIRST, ZONE } from '../retention/retention-world.ts';
import { appendless } from '../support/appendless.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { accountOf, DAY_MS, ErasureTown, RECIPIENT } from './erasure-town.ts';

const ACCOUNT = accountOf(0);
const CUSTOMER = { by: 'customer' } as const;
let town: ErasureTown;
beforeEach(async () => {
  town = await ErasureTown.make();
  await town.days(2);
}, 60_000);
afterEach(() => town.close());

const eraser = () => town.as('erasure');
const consents = () => new Consents(town.as('consent'), defencesUnderTest());
const standing = async () => (await erasureStanding(eraser(), ACCOUNT)).state;
const start = localDay(FIRST, ZONE).start * 1000;

async function disclosed(consentId: string, days = 1): Promise<string> {
  const window = { from: start, until: start + days * DAY_MS };
  const ask = { recipient: RECIPIENT, consentId, window, resolution: 'day', requestId: 'r1' } as const;
  return (await new Disclosures(town.as('third-party-api'), defencesUnderTest()).disclose(ask)).outcome;
}

async function backup(): Promise<string> {
  const to = join(temporaryDirectory(), 'backup');
  await backUp(town.directory, to, town.clock.now());
  town.clock.advance(60_000);
  return to;
}

async function restore(from: string): Promise<void> {
  town.clock.advance(60_000);
  await town.platform.close();
  await putBack(from, town.directory, town.clock.now());
  await restored(town.directory);
  await town.reopen();
  await afterRestore(town.as('maintenance'));
}

async function eventsOf(stream: string): Promise<string[]> {
  const types: string[] = [];
  for await (const { events } of town.as('auditor').events.read(stream)) types.push(...events.map(({ type }) => type));
  return types;
}

it('R9.3-4: a consent that was revoked or narrowed after the backup gives nothing back after a restore, and the stream says so once', async () => {
  const [revoked, narrowed, kept] = [await town.consent(0), await town.consent(0), await town.consent(1)];
  const from = await backup();
  await consents().revoke({ account: ACCOUNT }, revoked);
  const signedIn = { account: ACCOUNT, authTime: town.clock.now(), authMethod: 'test' };
  await consents().narrow(signedIn, narrowed, { until: start + DAY_MS });
  for (let time = 0; time < 2; time++) {
    await restore(from);
    await afterRestore(town.as('maintenance'));
    expect([await disclosed(revoked), await disclosed(narrowed, 2), await disclosed(narrowed)]).toEqual([
      'refused',
      'refused',
      'disclosed',
    ]);
    expect((await eventsOf(`consent/${revoked}`)).filter((type) => type === 'ConsentRevoked')).toHaveLength(1);
    expect((await eventsOf(`consent/${narrowed}`)).filter((type) => type === 'ConsentNarrowed')).toHaveLength(1);
  }
  // Nobody else's ends by it.
  expect((await consents().of(accountOf(1), kept)).status).toBe('granted');
}, 120_000);

it('R9.3-4: what a customer grants once more under a request that a restore brought back is not ended by what was revoked before', async () => {
  const now = town.clock.now();
  const scope = { dataClasses: ['usage'], resolution: 'day', from: start, until: now, expiresAt: now + 200 * DAY_MS } as const;
  const wish = { ...scope, recipient: RECIPIENT, purpose: 'efficiency' } as const;
  const consentId = await consents().request(wish);
  const signedIn = () => ({ account: ACCOUNT, authTime: town.clock.now(), authMethod: 'test' });
  const grant = () => consents().grant(signedIn(), { ...wish, consentId, textHash: 'ab'.repeat(32) });
  const from = await backup();
  await grant();
  await consents().revoke({ account: ACCOUNT }, consentId);
  await restore(from);
  expect(await disclosed(consentId)).toBe('refused');
  await grant();
  await restore(await backup());
  expect(await disclosed(consentId)).toBe('disclosed');
}, 120_000);

it('R9.3-4: a consent that is revoked, or narrowed to what it is, again and again leaves one word each', async () => {
  const [revoked, narrowed] = [await town.consent(0), await town.consent(0)];
  for (let time = 0; time < 5; time++) {
    town.clock.advance(1_000);
    await consents().revoke({ account: ACCOUNT }, revoked);
    await consents().narrow({ account: ACCOUNT, authTime: town.clock.now(), authMethod: 'test' }, narrowed, { until: start + DAY_MS });
  }
  const rows = await town.as('maintenance').keys.list('kept/consent/');
  expect(rows.map(({ wrapped }) => (JSON.parse(wrapped.toString()) as { said: string }).said).sort()).toEqual(['narrowed', 'revoked']);
}, 120_000);

it('R9.3-4: a narrowing whose process ended before its event is so after a restore', async () => {
  const id = await town.consent(0);
  const from = await backup();
  const platform = town.as('consent');
  const dying = { ...platform, events: appendless(platform.events) };
  const signedIn = { account: ACCOUNT, authTime: town.clock.now(), authMethod: 'test' };
  await expect(new Consents(dying, defencesUnderTest()).narrow(signedIn, id, { until: start + DAY_MS })).rejects.toThrow('gone');
  await restore(from);
  expect([await disclosed(id, 2), await disclosed(id)]).toEqual(['refused', 'disclosed']);
}, 120_000);

it('C10.3-3: an erasure that was asked for after the backup is asked for after a restore, from when it was, and done', async () => {
  await town.moveOut(0);
  const from = await backup();
  const { state } = await requestErasure(eraser(), ACCOUNT, CUSTOMER);
  await placeHold(eraser(), ACCOUNT, { hold: 'case-1', legalBasis: 'a court' }, 'ann');
  await restore(from);
  await afterRestore(town.as('maintenance'));
  expect(await standing()).toMatchObject({ status: 'requested', requestedAt: state.requestedAt, notBefore: state.notBefore });
  expect([...(await standing()).holds.keys()]).toEqual(['case-1']);
  expect((await eventsOf(`erasure/${ACCOUNT}`)).sort()).toEqual(['ErasureRequested', 'LegalHoldPlaced']);
  town.clock.advance(61 * DAY_MS);
  await town.erase();
  expect((await standing()).status).toBe('requested');
  await releaseHold(eraser(), ACCOUNT, 'case-1', 'ben');
  await town.erase();
  expect((await standing()).status).toBe('erased');
  expect(await town.as('archive').keys.list(`usage/${ACCOUNT}/`)).toEqual([]);
}, 120_000);

it('C10.3-3: keys that were destroyed after the backup, for an erasure that it does not know, are no riddle to the next run', async () => {
  await town.moveOut(0);
  const from = await backup();
  await requestErasure(eraser(), ACCOUNT, CUSTOMER);
  town.clock.advance(61 * DAY_MS);
  await town.erase();
  expect((await standing()).status).toBe('erased');
  await restore(from);
  expect((await standing()).status).toBe('requested');
  await town.erase();
  expect((await standing()).status).toBe('erased');
}, 120_000);

it('C10.3-3: what was taken back, and asked for again, is so after a restore to either side of it; a released hold holds no more', async () => {
  await requestErasure(eraser(), ACCOUNT, CUSTOMER);
  await placeHold(eraser(), ACCOUNT, { hold: 'case-1', legalBasis: 'a court' }, 'ann');
  const from = await backup();
  await releaseHold(eraser(), ACCOUNT, 'case-1', 'ben');
  await withdrawErasure(eraser(), ACCOUNT, 'customer');
  const taken = await backup();
  await restore(from);
  expect(await standing()).toMatchObject({ status: 'none', withdrawn: { by: 'customer' }, holds: new Map() });
  town.clock.advance(DAY_MS);
  const { state } = await requestErasure(eraser(), ACCOUNT, { by: 'utility', person: 'ann' });
  for (const back of [taken, from]) {
    await restore(back);
    expect(await standing()).toMatchObject({
      status: 'requested',
      requestedBy: 'ann',
      requestedAt: state.requestedAt,
      notBefore: state.notBefore,
    });
    expect((await standing()).holds.size).toBe(0);
  }
}, 120_000);

it('C10.3-3: a request whose process ended before it was kept is kept by the next look', async () => {
  const from = await backup();
  const { keys } = eraser();
  const dying = { ...eraser(), keys: { ...keys, putIfAbsent: () => Promise.reject(new Error('this process is gone')) } };
  await expect(requestErasure(dying, ACCOUNT, CUSTOMER)).rejects.toThrow('gone');
  await town.erase();
  await restore(from);
  expect((await standing()).status).toBe('requested');
}, 120_000);

it('C10.3-3: what is kept lies in no backup, and goes when its time is over', async () => {
  const id = await town.consent(0);
  await consents().revoke({ account: ACCOUNT }, id);
  await requestErasure(eraser(), ACCOUNT, CUSTOMER);
  const from = await backup();
  const name = Buffer.from(`kept/consent/${id}`);
  expect(filesWith(town.directory, name)).not.toEqual([]);
  expect(filesWith(from, name)).toEqual([]);
  const kept = async () => (await town.as('maintenance').keys.list('kept/')).map((row) => row.id.split('/').slice(0, 3).join('/'));
  expect(await kept()).toEqual([`kept/consent/${id}`, `kept/erasure/${ACCOUNT}`]);
  town.clock.advance((KEPT_WORD_DAYS - 1) * DAY_MS);
  await runDuties(town.as('maintenance'), defencesUnderTest());
  expect(await kept()).toHaveLength(2);
  town.clock.advance(2 * DAY_MS);
  await runDuties(town.as('maintenance'), defencesUnderTest());
  expect(await kept()).toEqual([]);
  // The erasure waits for the end of the tenancy, and is looked at.
  await town.erase();
  expect(await kept()).toEqual([]);
}, 120_000);
