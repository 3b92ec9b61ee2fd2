import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConsentAnswered, ConsentRequest } from '../../api/customer-account.ts';
import { consentDecider } from '../../domain/consent/consent.ts';
import { changeRecipient } from '../../lambdas/shared/feeds/recipients.ts';
import { foldStream } from '../../lambdas/shared/streams.ts';
import type { Credentials } from '../platform/gateway-fixture.ts';
import { shapeOf } from '../platform/https-fixture.ts';
import { cookieOf } from '../support/cookie-jar.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { signedIn } from '../support/signed-in.ts';
import { jsonOf, newPkce, PartyWorld } from '../third-party/party-world.ts';

const MINUTE = 60_000;
const DAY_MS = 86_400_000;
const BOTH = 'FB=4_5_7_15;IntervalDuration=3600;BlockDuration=monthly;HistoryLength=13;Months=6';
let world: PartyWorld;
let party: Credentials;
beforeAll(async () => {
  world = await PartyWorld.open();
  party = await world.party('watt-advice');
});
afterAll(() => world.close());

/** A question in a browser of its own. */
interface Asked {
  readonly jar: Map<string, string>;
  readonly path: string;
  readonly question: ConsentRequest;
}

async function ask(scope = BOTH, by = party): Promise<Asked> {
  const { request_uri: uri } = jsonOf(await world.push(by, newPkce(), { scope })) as { request_uri: string };
  const jar = new Map<string, string>();
  const path = await world.asked(jar, by.thing, uri);
  const shown = await world.browse(`${path}/request`, { headers: headersOf(jar) });
  return { jar, path, question: jsonOf(shown) as unknown as ConsentRequest };
}

function headersOf(jar: ReadonlyMap<string, string>, { account = world.account, minutesAgo = 0 } = {}) {
  return { cookie: cookieOf(jar), ...signedIn(account, world.clock.now() - minutesAgo * MINUTE) };
}

const yes = ({ question: { textHash, dataClasses } }: Asked, changed: object = {}) => ({
  ...{ decision: 'allow', textHash, dataClasses, days: 30, ...changed },
});
const answer = async (asked: Asked, json: unknown, headers = headersOf(asked.jar)) =>
  await world.browse(asked.path, { method: 'POST', headers, json });
const comesBack = async ({ jar }: Asked, { location }: ConsentAnswered) =>
  new URL(await world.hop(jar, new URL(location).pathname)).searchParams;
const consents = async () => (await Array.fromAsync(world.platform.as('authorization').events.streams('consent/'))).sort();
const stateOf = async (stream: string) =>
  (await foldStream(world.platform.as('authorization').events, stream, consentDecider(defencesUnderTest()))).state;

describe('a question to a customer', () => {
  it('is a page of the portal, to which the browser is sent without saying who it is', async () => {
    const { jar, path } = await ask();
    const page = await world.browse(path, { headers: { cookie: cookieOf(jar) } });
    expect([page.status, page.headers['location'], page.text]).toEqual([303, `/#/consent/${path.split('/').at(-1)}`, '']);
  });

  it('says who asks for what, what for, how fine, of which time, what is not shared and where the browser goes', async () => {
    const { question, path } = await ask();
    expect(question).toMatchObject({
      ...{ uid: path.split('/').at(-1), recipient: { id: 'watt-advice', name: 'The watt-advice' }, purpose: 'load-shifting' },
      ...{ dataClasses: ['usage', 'generation'], notShared: ['bills'], resolution: 'hour', returnsTo: 'https://client.example' },
      ...{ purposeText: 'advise on using energy at other times', textHash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(question.until).toBe(question.expiresAt);
    expect(Date.parse(question.from)).toBeLessThan(world.clock.now());
  });

  it('is answered in the browser that was asked, and under its own path alone: elsewhere there is no such question', async () => {
    const [asked, other] = [await ask(), await ask()];
    const before = await consents();
    const none = await world.browse(`/oauth/consent/${'a'.repeat(21)}/request`, { headers: headersOf(asked.jar) });
    const shape = shapeOf(none);
    expect(shape.status).toBe(404);
    for (const [path, jar] of [
      [asked.path, new Map()],
      [asked.path, other.jar],
    ] as const) {
      const headers = headersOf(jar);
      expect(shapeOf(await world.browse(`${path}/request`, { headers }))).toEqual(shape);
      expect(shapeOf(await world.browse(path, { method: 'POST', headers, json: yes(asked) }))).toMatchObject({ status: 404 });
    }
    expect(await consents()).toEqual(before);
  });

  it('R9.3-4: of a recipient that was suspended meanwhile is over, and a yes to it is none', async () => {
    const other = await world.party('suspended-party');
    const asked = await ask(BOTH, other);
    const before = await consents();
    const suspend = { type: 'SuspendRecipient', reason: 'an incident', at: world.clock.now() } as const;
    await changeRecipient(world.platform.as('enrol'), 'suspended-party', suspend);
    expect((await world.browse(`${asked.path}/request`, { headers: headersOf(asked.jar) })).status).toBe(404);
    expect((await answer(asked, yes(asked))).status).toBe(404);
    expect(await consents()).toEqual(before);
  });

  it('is nobody’s who did not sign in', async () => {
    const { jar, path } = await ask();
    const headers = { cookie: cookieOf(jar) };
    expect((await world.browse(`${path}/request`, { headers })).status).toBe(401);
    expect((await world.browse(path, { method: 'POST', headers, json: { decision: 'deny' } })).status).toBe(401);
  });
});

describe('an answer', () => {
  it('T8-P5: without a sign-in of the last five minutes is 403, whatever the session, and nothing is agreed to', async () => {
    const asked = await ask();
    const before = await consents();
    for (const minutesAgo of [5.01, 14, 600]) {
      const headers = headersOf(asked.jar, { minutesAgo });
      for (const json of [yes(asked), { decision: 'deny' }]) {
        const refused = await answer(asked, json, headers);
        expect([refused.status, jsonOf(refused)['type']]).toEqual([403, 'urn:joulekeep:problem:sign-in-too-old']);
      }
    }
    // From a clock that goes before ours comes no sign-in at all.
    expect((await answer(asked, yes(asked), headersOf(asked.jar, { minutesAgo: -1 }))).status).toBe(403);
    expect(await consents()).toEqual(before);
    expect((await answer(asked, yes(asked), headersOf(asked.jar, { minutesAgo: 4.9 }))).status).toBe(200);
  });

  it('a yes is on record under the account that signed in, with what was shown, when and how', async () => {
    const asked = await ask();
    const before = await consents();
    const at = world.clock.now() - MINUTE;
    const back = await comesBack(
      asked,
      jsonOf(await answer(asked, yes(asked), headersOf(asked.jar, { minutesAgo: 1 }))) as ConsentAnswered,
    );
    expect(back.get('code')).not.toBeNull();
    const [made, ...others] = (await consents()).filter((stream) => !before.includes(stream));
    expect(others).toEqual([]);
    expect(await stateOf(made!)).toMatchObject({
      ...{ status: 'granted', account: world.account, recipient: 'watt-advice', textHash: asked.question.textHash },
      ...{ dataClasses: ['usage', 'generation'], authTime: at, authMethod: 'passkey', expiresAt: world.clock.now() + 30 * DAY_MS },
    });
  });

  it('given twice is one consent and leads to the same place; the first one stands', async () => {
    const asked = await ask();
    const before = await consents();
    const answers = [];
    for (const json of [yes(asked), yes(asked), { decision: 'deny' }]) answers.push(await answer(asked, json));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    const made = (await consents()).filter((stream) => !before.includes(stream));
    expect(made).toHaveLength(1);
    expect((await stateOf(made[0]!)).status).toBe('granted');
    expect((await comesBack(asked, jsonOf(answers[0]!) as ConsentAnswered)).get('code')).not.toBeNull();
  });

  it('no is one word, and nothing is recorded', async () => {
    const asked = await ask();
    const before = await consents();
    const back = await comesBack(asked, jsonOf(await answer(asked, { decision: 'deny' })) as ConsentAnswered);
    expect([back.get('error'), back.get('code')]).toEqual(['access_denied', null]);
    expect(await consents()).toEqual(before);
  });

  it('T8.2-1, R9.3-4: a yes after a no is no consent, whoever says it', async () => {
    const asked = await ask();
    const before = await consents();
    const no = await answer(asked, { decision: 'deny' });
    for (const account of [world.account, 'acc-home-2']) {
      const after = await answer(asked, yes(asked), headersOf(asked.jar, { account }));
      expect([after.status, after.text]).toEqual([no.status, no.text]);
    }
    expect(await consents()).toEqual(before);
    expect((await comesBack(asked, jsonOf(no) as ConsentAnswered)).get('error')).toBe('access_denied');
  });

  it('allows less than was asked for, and then there is no more', async () => {
    const asked = await ask();
    const before = await consents();
    expect((await answer(asked, yes(asked, { dataClasses: ['generation'], days: 7 }))).status).toBe(200);
    const [made] = (await consents()).filter((stream) => !before.includes(stream));
    const ends = world.clock.now() + 7 * DAY_MS;
    expect(await stateOf(made!)).toMatchObject({ dataClasses: ['generation'], until: ends, expiresAt: ends, resolution: 'hour' });
  });

  it('never allows more than was asked for, longer, twice the same, or another text', async () => {
    const asked = await ask();
    const before = await consents();
    const wrong = [
      [{ dataClasses: ['usage', 'generation', 'bills'] }, 400],
      [{ dataClasses: ['bills'] }, 400],
      [{ dataClasses: ['usage', 'usage'] }, 400],
      [{ dataClasses: [] }, 400],
      [{ days: 186 }, 400],
      [{ days: 0 }, 400],
      [{ days: 1.5 }, 400],
      [{ resolution: 'interval' }, 400],
      [{ textHash: 'f'.repeat(64) }, 409],
    ] as const;
    for (const [changed, status] of wrong) expect((await answer(asked, yes(asked, changed))).status, JSON.stringify(changed)).toBe(status);
    expect(await consents()).toEqual(before);
  });

  it('to a question that somebody else answered with yes in this browser is refused', async () => {
    const asked = await ask();
    expect((await answer(asked, yes(asked))).status).toBe(200);
    const refused = await answer(asked, yes(asked), headersOf(asked.jar, { account: 'acc-home-2' }));
    expect(refused.status).toBeGreaterThanOrEqual(400);
  });
});
