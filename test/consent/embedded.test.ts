import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Consents } from '../../lambdas/consent/consents.ts';
import { makeConsent } from '../../lambdas/consent/handler.ts';
import { Disclosures } from '../../lambdas/third-party/disclosure.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { closeAll, openHomes } from '../billing/closed-homes.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { ACCOUNT, at, NOW, RECIPIENT, WINDOW } from './consent-world.ts';

const DAY = 86_400_000;
let directory: string;
let clock: ManualClock;
let embedded: Embedded;
let consents: Consents;
let disclosures: Disclosures;

beforeEach(async () => {
  directory = temporaryDirectory();
  clock = new ManualClock(at('2026-10-01'));
  embedded = await createEmbeddedPlatform({ stateDir: directory, clock, timer: false });
  const as = (principal: string) => embedded.as(principal as 'enrol');
  await openHomes(as);
  await closeAll(as, 'home-1', 100);
  await closeAll(as, 'home-2', 300);
  clock.set(NOW);
  consents = new Consents(embedded.as('consent'), defencesUnderTest());
  disclosures = new Disclosures(embedded.as('third-party-api'), defencesUnderTest());
});
afterEach(async () => {
  await embedded.close();
  discard(directory);
});

function grant(account = ACCOUNT): Promise<string> {
  return consents.grant(
    { account, authTime: clock.now() - 1, authMethod: 'test' },
    {
      ...{ recipient: RECIPIENT, purpose: 'load-shifting', dataClasses: ['usage'], resolution: 'hour', ...WINDOW },
      ...{ expiresAt: NOW + 30 * DAY, textHash: 'ab'.repeat(32) },
    },
  );
}

const ask = (consentId: string) =>
  disclosures.disclose({ recipient: RECIPIENT, consentId, window: WINDOW, resolution: 'hour', requestId: 'r-1' });

describe('consents on the embedded platform, each function with its own rights', () => {
  it('R9.3-4: disclose, end by the clock, and refuse, with the record sealed and chained', async () => {
    const consent = await grant();
    expect(await ask(consent)).toMatchObject({ outcome: 'disclosed', rows: 73 });
    clock.advance(30 * DAY);
    await makeConsent(embedded.as('consent'), defencesUnderTest())({} as never, {} as never);
    expect(await ask(consent)).toEqual({ outcome: 'refused', why: 'consent-expired' });
    const types: string[] = [];
    for await (const { events } of embedded.as('auditor').events.read(`consent/${consent}`)) types.push(...events.map(({ type }) => type));
    expect(types).toEqual(['ConsentGranted', 'DataDisclosed', 'ConsentExpired', 'DisclosureRefused']);
  });

  it('what was erased is in no page, a neighbour’s data is', async () => {
    const [own, neighbours] = [await grant(), await grant('acc-home-2')];
    const archive = embedded.as('archive').keys;
    const rows = await archive.list(`usage/${ACCOUNT}/`);
    expect(rows).toHaveLength(1);
    for (const { id } of rows) await archive.destroy(id);
    expect(await ask(own)).toMatchObject({ outcome: 'disclosed', rows: 0, series: [] });
    expect(await ask(neighbours)).toMatchObject({ outcome: 'disclosed', rows: 73 });
  });

  it('C10.1-1: the function of consents opens nobody’s data, and that of the door changes no registration', async () => {
    const other = new Disclosures(embedded.as('consent'), defencesUnderTest());
    const consent = await grant();
    const asked = { recipient: RECIPIENT, consentId: consent, window: WINDOW, resolution: 'hour', requestId: 'r-1' } as const;
    await expect(other.disclose(asked)).rejects.toMatchObject({ code: expect.stringMatching(/ACCESS_DENIED$/) });
    const { events } = embedded.as('third-party-api');
    const joined = { type: 'AccountOpened', data: { accountId: 'acc-9', at: NOW } } as const;
    const write = async () =>
      await events.append(await events.head('account/acc-9'), { commitId: Buffer.alloc(32), events: [joined] }).durable;
    // It gets no key to seal with.
    await expect(write()).rejects.toMatchObject({ code: 'ERR_STREAM_KEY_COLD' });
    expect((await embedded.as('auditor').events.head('account/acc-9')).version).toBe(-1);
  });
});
