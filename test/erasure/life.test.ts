import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOTICE_ITEM, NOTICE_TYPE, type NoticeItem } from '../../events/catalogue/third-party-feed.ts';
import { Consents } from '../../lambdas/consent/consents.ts';
import { erasureStanding, placeHold, releaseHold, requestErasure } from '../../lambdas/erasure/ask.ts';
import { DAY_SUMMARIES } from '../../lambdas/project/day-summaries.ts';
import { DAY_USAGE, usagePartition } from '../../lambdas/project/day-usage.ts';
import { localDay, plusDays } from '../../lambdas/shared/days/local-days.ts';
import { feedStream, partyFeed } from '../../lambdas/shared/feeds/feed-names.ts';
import { type DisclosedPage, Disclosures } from '../../lambdas/third-party/disclosure.ts';
import { Sessions } from '../../platform/ports/sessions.ts';
import { discard, filesWith } from '../contract/support/state.ts';
import { FIRST, ZONE } from '../retention/retention-world.ts';
import { verified } from '../retention/verifying.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { accountOf, DAY_MS, ErasureTown, groundsOf, markOf, RECIPIENT } from './erasure-town.ts';
import { type Known, Readable } from './search.ts';

/** The one who is erased, and a neighbour. */
const [ERASED, OTHER] = [0, 1];
const ACCOUNT = accountOf(ERASED);

/** Months are played. */
const SLOW_MS = 300_000;

let town: ErasureTown;
let copy: string;
/** Local date on which the one who is erased moved out. */
let moved = '';
let deadBefore = 0;
/** By which the recipient has the premises. */
let nameKnown = '';
const known = new Map<number, Known>();
const consents = new Map<number, string>();

/** By which somebody signs in. */
const nameOf = (home: number) => `quillfeather-${home}`;
const readable = () => Readable.of(town, { state: town.directory, backup: copy });
const standing = () => erasureStanding(town.as('erasure'), ACCOUNT);
const waitsFor = async () => (await town.erase()).progress.map((one) => one.waitsFor ?? one.status);
const sessions = () => new Sessions({ ...town.as('session'), wall: town.clock });
const begin = (person: string) =>
  sessions().begin({ person, role: 'customer', keyThumbprint: 'k', signedInAt: town.clock.now(), method: 'passkey', device: 'a browser' });
const kinds = (found: readonly string[]) => new Set(found);

async function pull(home: number) {
  const disclosures = new Disclosures(town.as('third-party-api'), defencesUnderTest());
  const from = localDay(FIRST, ZONE).start * 1000;
  const window = { from, until: from + 5 * DAY_MS };
  return await disclosures.disclose({
    ...{ recipient: RECIPIENT, consentId: consents.get(home)!, window, resolution: 'day', requestId: 'r-1' },
  });
}

/** What the recipient's feed says, as it gets it. */
async function noticesTo(recipient: string): Promise<NoticeItem[]> {
  const notices: NoticeItem[] = [];
  for await (const { events } of town.as('auditor').events.read(feedStream(partyFeed(recipient))))
    for (const { data } of events) {
      const [, payload] = (data as { jws: string }).jws.split('.');
      notices.push(NOTICE_ITEM.parse(JSON.parse(Buffer.from(payload!, 'base64url').toString())));
    }
  return notices;
}

beforeAll(async () => {
  town = await ErasureTown.make();
  await town.days(36);
  for (const home of [ERASED, OTHER]) {
    await town.remark(home, plusDays(FIRST, 30));
    consents.set(home, await town.consent(home));
    await town.platform.identity.add(nameOf(home), { kind: 'customer', account: accountOf(home) });
  }
  const days = town.homes.map(({ options }) => `meterday/${options.meterId}/${plusDays(FIRST, 2)}`);
  await town.as('archive').events.archive(days);
  moved = plusDays(FIRST, 36);
  await town.moveOut(ERASED);
  await town.days(20);
  for (const home of [ERASED, OTHER]) known.set(home, { value: markOf(home), amounts: await town.amounts(home), words: [groundsOf(home)] });
  copy = await town.backup();
}, SLOW_MS);
afterAll(async () => {
  await town.close();
  discard(copy);
});

/** Months of a home that are an item each. */
async function monthsOf(home: number): Promise<readonly string[]> {
  const keys = town
    .as('erasure')
    .models.table(DAY_USAGE)
    .keys(usagePartition({ usagePoint: `home-${home}`, subject: accountOf(home) }), 'month/');
  return (await Array.fromAsync(keys)).map(({ sort }) => sort);
}

/** How days of a home stand, of the time in which it was the customer's. */
async function summariesOf(home: number): Promise<readonly string[]> {
  const keys = town.as('erasure').models.table(DAY_SUMMARIES).keys(`home-${home}`, '');
  return (await Array.fromAsync(keys)).map(({ sort }) => sort).filter((sort) => sort < moved);
}

describe('the life of a customer’s data', () => {
  it('C10.3-3: is found wherever it lies, before: telemetry, days, bills, archive, read models, checkpoints, and a backup of them', async () => {
    const before = await readable();
    for (const home of [ERASED, OTHER]) {
      expect(known.get(home)!.amounts).toHaveLength(2);
      const places = before.find(known.get(home)!);
      for (const place of ['events segment', 'events meterday', 'events bill', 'archive meterday', 'item day-usage', 'item usage-pages'])
        for (const folder of ['state', 'backup']) expect(places, `${home}`).toContain(`${folder} ${place}`);
      expect(places).toContain('backup checkpoint');
      expect(await monthsOf(home)).not.toEqual([]);
      expect(await summariesOf(home)).toHaveLength(36);
      expect(places.filter((place) => place.includes(' file '))).toEqual([]);
    }
    deadBefore = before.dead;
    expect(filesWith(town.directory, Buffer.from(nameOf(ERASED)))).not.toEqual([]);
    const page = await pull(ERASED);
    expect(page).toMatchObject({ outcome: 'disclosed', rows: 5 });
    nameKnown = (page as DisclosedPage).series[0]!.usagePoint;
  });

  it(
    'C10.3-3: waits for who asks to think again, for the last bill, and for a hold',
    async () => {
      const asked = await requestErasure(town.as('account-api'), ACCOUNT, { by: 'customer' });
      expect(asked.state.status).toBe('requested');
      await begin(ACCOUNT);
      expect(await waitsFor()).toEqual(['grace']);
      await town.weeks(2);
      expect(await waitsFor()).toEqual(['law']);
      expect((await standing()).state.deferred).toMatchObject({
        usage: { legalBasis: 'contract: supply, and the last bill' },
        billing: { legalBasis: 'commercial and tax law', until: Date.UTC(2037, 0, 1) },
      });
      await placeHold(town.as('erasure'), ACCOUNT, { hold: 'court-7', legalBasis: 'order of a court' }, 'ann');
      await town.weeks(4);
      expect(await waitsFor()).toEqual(['hold']);
      expect((await standing()).completeAt).toBeUndefined();
      expect(await pull(ERASED)).toMatchObject({ outcome: 'disclosed', rows: 5 });
      await expect(releaseHold(town.as('erasure'), ACCOUNT, 'court-7', 'ann')).rejects.toMatchObject({ code: 'ERR_SECOND_PERSON' });
      await releaseHold(town.as('erasure'), ACCOUNT, 'court-7', 'bob');
    },
    SLOW_MS,
  );

  it('C10.3-3: ends for everybody outside at once, with refusals of the usual shape', async () => {
    expect(await waitsFor()).toEqual(['law']);
    const now = await standing();
    expect(now.state.status).toBe('erased');
    expect(now.completeAt).toBe(Date.UTC(2037, 0, 2));
    expect(now.remaining.map(({ what }) => what)).toContain('bills');
    expect(await pull(ERASED)).toEqual({ outcome: 'refused', why: 'consent-revoked' });
    expect(await pull(OTHER)).toMatchObject({ outcome: 'disclosed', rows: 5 });
    expect(await sessions().of({ role: 'customer', person: ACCOUNT })).toEqual([]);
    await expect(begin(ACCOUNT)).rejects.toMatchObject({ code: 'ERR_SIGN_IN_BARRED' });
    await begin(accountOf(OTHER));
    expect(town.platform.identity.list().map(({ name }) => name)).toEqual([nameOf(OTHER)]);
    expect(filesWith(town.directory, Buffer.from(nameOf(ERASED)))).toEqual([]);
    expect(filesWith(town.directory, Buffer.from(nameOf(OTHER)))).not.toEqual([]);
    const ended = await new Consents(town.as('consent'), defencesUnderTest()).list(ACCOUNT);
    expect(ended.map(({ status }) => status)).toEqual(['revoked']);
    expect([...now.state.notified]).toEqual([RECIPIENT]);
    await town.platform.host.drain();
    const told = (await noticesTo(RECIPIENT)).filter(({ type }) => type === NOTICE_TYPE.subjectErased);
    expect(told).toMatchObject([{ subscription: consents.get(ERASED) }]);
    expect(told[0]).toHaveProperty('usagePoints', expect.arrayContaining([nameKnown]));
    expect(JSON.stringify(told)).not.toContain(ACCOUNT);
  });

  it(
    'C10.3-3: of the days nothing is left when telemetry has had its time, of the bills what the law wants',
    async () => {
      await town.weeks(8);
      expect(await waitsFor()).toEqual(['law']);
      const after = await readable();
      const { amounts, ...days } = known.get(ERASED)!;
      expect(after.find({ ...days, amounts: [] })).toEqual([]);
      expect(await monthsOf(ERASED)).toEqual([]);
      expect(await monthsOf(OTHER)).not.toEqual([]);
      expect(await summariesOf(ERASED)).toEqual([]);
      expect(await summariesOf(OTHER)).toHaveLength(36);
      expect(after.find({ ...days, amounts }).every((place) => place.endsWith(' events bill'))).toBe(true);
      expect(after.find({ ...days, amounts })).not.toEqual([]);
    },
    SLOW_MS,
  );

  it(
    'C10.3-3: after completeAt it can not be had back, with every key there is and the backup; a neighbour’s can; every chain is whole',
    async () => {
      const { completeAt } = await standing();
      town.clock.set(completeAt! - DAY_MS + 1);
      expect(await waitsFor()).toEqual(['lingering']);
      town.clock.advance(DAY_MS);
      expect(await waitsFor()).toEqual(['complete']);
      const after = await readable();
      expect(after.find(known.get(ERASED)!)).toEqual([]);
      expect(after.dead).toBeGreaterThan(deadBefore + 100);
      const neighbours = kinds(after.find(known.get(OTHER)!));
      for (const place of ['events meterday', 'events bill', 'archive meterday', 'item day-usage'])
        for (const folder of ['state', 'backup']) expect(neighbours).toContain(`${folder} ${place}`);
      expect((await verified(town)).filter((line) => !/ (archive|checkpoint) \d+$/.test(line))).toEqual([]);
      expect((await town.erase()).progress).toEqual([]);
    },
    SLOW_MS,
  );
});
