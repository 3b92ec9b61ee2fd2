import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { rebuildConsentIndex } from '../../lambdas/consent/consent-index.ts';
import { disclosureHistory } from '../../lambdas/consent/disclosure-history.ts';
import { expireConsents } from '../../lambdas/consent/expire-consents.ts';
import { endTenancy } from '../../lambdas/register/tenancy.ts';
import { ACCOUNT, at, ConsentWorld, NOW, RECIPIENT, WINDOW } from './consent-world.ts';

let world: ConsentWorld;
beforeEach(async () => {
  world = await ConsentWorld.make();
});

const refused = (why: string) => ({ outcome: 'refused', why });

describe('a page of a customer’s usage', () => {
  it('has the hours of the days that the clock changes in, with their quality', async () => {
    const { series, rows, next } = await world.page(await world.grant());
    expect(next).toBeUndefined();
    expect(series).toHaveLength(1);
    expect(series[0]).toMatchObject({ direction: 'import', unit: 'Wh', zone: 'Europe/London', resolution: 'hour', intervalMinutes: 15 });
    expect(series[0]!.rows).toHaveLength(24 + 25 + 24);
    expect(rows).toBe(73);
    for (const row of series[0]!.rows) {
      expect(row.end - row.start).toBe(3_600);
      expect(row).toMatchObject({ energyWh: 400, quality: { measured: 4, estimated: 0, edited: 0, missing: 0 } });
    }
    const starts = series[0]!.rows.map(({ start }) => start);
    expect(starts).toEqual(Array.from({ length: 73 }, (_, i) => WINDOW.from / 1000 + i * 3_600));
  });

  it('has days and months of the zone, whole ones alone', async () => {
    const consent = await world.grant();
    const days = await world.page(consent, { resolution: 'day' });
    expect(days.series[0]!.rows.map(({ start, end, energyWh }) => [(end - start) / 3_600, energyWh])).toEqual([
      [24, 9_600],
      [25, 10_000],
      [24, 9_600],
    ]);
    const cut = await world.page(consent, { resolution: 'day', window: { from: WINDOW.from + 1, until: WINDOW.until } });
    expect(cut.rows).toBe(2);
    const short = await world.page(consent, { resolution: 'day', window: { from: WINDOW.from, until: WINDOW.until - 1 } });
    expect(short.series[0]!.rows.map(({ start }) => start)).toEqual([at('2026-10-24') / 1000, at('2026-10-25') / 1000]);
    const shortMonth = { from: at('2026-10-01'), until: at('2026-11-01') - 1 };
    expect((await world.page(consent, { resolution: 'month', window: shortMonth })).rows).toBe(0);
    expect((await world.page(consent, { resolution: 'month' })).rows).toBe(0);
    const month = await world.page(consent, { resolution: 'month', window: { from: at('2026-10-01'), until: at('2026-11-30') } });
    // The clock is put back in October: 31 days and an hour; three days were recorded.
    expect(month.series[0]!.rows).toEqual([
      {
        ...{ start: at('2026-10-01') / 1000, end: at('2026-11-01') / 1000, energyWh: 29_200 },
        quality: { measured: 292, estimated: 0, edited: 0, missing: 31 * 96 + 4 - 292 },
      },
    ]);
  });

  it('T8-P7: tells a month when its last day is final, so that no two answers tell a day', async () => {
    const consent = await world.grant({ expiresAt: NOW + 30 * 86_400_000 });
    const window = { from: at('2026-10-01'), until: at('2026-11-30') };
    world.world.clock.set(at('2026-11-05') - 1 + 7 * 3_600_000);
    expect((await world.page(consent, { resolution: 'month', window })).rows).toBe(0);
    world.world.clock.set(at('2026-11-05') + 7 * 3_600_000);
    expect((await world.page(consent, { resolution: 'month', window })).rows).toBe(1);
  });

  it('R9.3-4: is on record with recipient, window, rows and hash before it is there, and the access with its grounds', async () => {
    const consent = await world.grant();
    const { series, bills, hash } = await world.page(consent, { requestId: 'r-77' });
    expect(hash).toBe(createHash('sha256').update(JSON.stringify({ series, bills })).digest('hex'));
    expect(world.recorded(consent).at(-1)).toEqual({
      type: 'DataDisclosed',
      data: {
        ...{ recipient: RECIPIENT, requestId: 'r-77', via: 'pull', dataClasses: ['usage'], resolution: 'hour' },
        ...{ from: WINDOW.from, until: WINDOW.until, usagePoints: ['home-1'], rows: 73, hash, at: NOW },
      },
    });
    const accesses = world.world.events.eventsOf('access/2026-11-20.third-party-api').map(({ data }) => data);
    expect(accesses).toMatchObject([
      {
        ...{ purpose: 'third-party', subjects: [ACCOUNT] },
        grounds: { who: RECIPIENT, purpose: 'load-shifting', legalBasis: `consent ${consent}` },
      },
    ]);
  });

  it('comes in parts that a cursor goes on with, for its recipient and its question alone', async () => {
    const consent = await world.grant();
    const window = { from: at('2026-10-01'), until: at('2026-11-20') };
    const first = await world.page(consent, { window });
    expect(first.next).toBeDefined();
    const cursor = first.next!;
    expect(Buffer.from(cursor.split('.')[0]!, 'base64url').toString()).not.toMatch(/home|acc/);
    const second = await world.page(consent, { window, cursor });
    expect(first.rows + second.rows).toBe(73);
    expect(await world.page(consent, { window, cursor })).toEqual(second);
    const code = { code: 'ERR_CURSOR_REFUSED' };
    await expect(world.ask(consent, { window, cursor, resolution: 'day' })).rejects.toMatchObject(code);
    await expect(world.ask(consent, { window: { ...window, until: window.until - 1 }, cursor })).rejects.toMatchObject(code);
    const other = await world.grant({ recipient: 'another' });
    await expect(world.ask(other, { recipient: 'another', window, cursor })).rejects.toMatchObject(code);
  });
});

describe('a consent at delivery', () => {
  it('R9.3-4, J1: without consent nothing is opened and no stream is made', async () => {
    const unknown = 'nobody-granted-this-one';
    expect(await world.ask(unknown)).toEqual(refused('consent-missing'));
    expect(await world.ask('../../account')).toEqual(refused('consent-missing'));
    expect(world.recorded(unknown)).toEqual([]);
    const requested = await world.consents.request({
      ...{ recipient: RECIPIENT, purpose: 'efficiency', dataClasses: ['usage'], resolution: 'day', ...WINDOW },
      expiresAt: NOW + 86_400_000,
    });
    expect(await world.ask(requested, { resolution: 'day' })).toEqual(refused('consent-missing'));
    expect(world.world.events.eventsOf('access/2026-11-20.third-party-api')).toEqual([]);
  });

  it('R9.3-4, J1: a revocation ends it within the next page, also for a function that had the consent in memory', async () => {
    const consent = await world.grant();
    const window = { from: at('2026-10-01'), until: at('2026-11-20') };
    const { next } = await world.page(consent, { window });
    await world.consents.revoke({ account: ACCOUNT }, consent);
    expect(await world.ask(consent, { window, cursor: next! })).toEqual(refused('consent-revoked'));
    world.restart();
    expect(await world.ask(consent, { window, cursor: next! })).toEqual(refused('consent-revoked'));
    expect(world.types(consent)).toEqual(['ConsentGranted', 'DataDisclosed', 'ConsentRevoked', 'DisclosureRefused']);
  });

  it('R9.3-4: a revocation while the page is gathered wins, and the page stays', async () => {
    const consent = await world.grant();
    const read = world.world.events.read.bind(world.world.events);
    let revoked = 0;
    world.world.events.read = (stream, ...rest) => {
      // The customer thinks better of it when the first day is opened.
      const before = stream.startsWith('meterday/') && revoked++ === 0 ? world.consents.revoke({ account: ACCOUNT }, consent) : undefined;
      return (async function* () {
        await before;
        yield* read(stream, ...rest);
      })();
    };
    expect(await world.ask(consent)).toEqual(refused('consent-revoked'));
    expect(revoked).toBeGreaterThan(0);
    expect(world.types(consent)).not.toContain('DataDisclosed');
  });

  it('R9.3-4, J1: it expires by the clock, whether the schedule ran or not', async () => {
    const consent = await world.grant();
    world.world.clock.set(NOW + 300 * 86_400_000 - 1);
    expect(await world.ask(consent)).toMatchObject({ outcome: 'disclosed' });
    world.world.clock.advance(1);
    expect(await world.ask(consent)).toEqual(refused('consent-expired'));
    expect(await expireConsents(world.world.as('consent'), world.consents)).toBe(1);
    expect(await expireConsents(world.world.as('consent'), world.consents)).toBe(0);
    expect(await world.ask(consent)).toEqual(refused('consent-expired'));
    expect(world.types(consent).filter((type) => type === 'ConsentExpired')).toHaveLength(1);
  });

  it('R9.3-4, J2: longer, other premises, other data or another’s consent are refused', async () => {
    const consent = await world.grant();
    expect(await world.ask(consent, { window: { from: at('2026-09-30'), until: WINDOW.until } })).toEqual(
      refused('window-exceeds-consent'),
    );
    expect(await world.ask(consent, { dataClasses: ['usage', 'generation'] })).toEqual(refused('data-class-not-granted'));
    expect(await world.ask(consent, { recipient: 'another' })).toEqual(refused('consent-missing'));
    await expect(world.grant({ usagePoints: ['home-2'] })).rejects.toMatchObject({ code: 'ERR_CONSENT_PREMISES' });
    await expect(world.grant({ usagePoints: ['home-9'] })).rejects.toMatchObject({ code: 'ERR_CONSENT_PREMISES' });
  });

  it('T8-P7, J2: a bill check that asks for quarter-hours, days or hours is refused', async () => {
    const billCheck = await world.grant({ purpose: 'bill-check', resolution: 'month' });
    for (const resolution of ['interval', 'hour', 'day'] as const)
      expect(await world.ask(billCheck, { resolution })).toEqual(refused('resolution-exceeds-purpose'));
    expect(await world.ask(billCheck, { resolution: 'month' })).toMatchObject({ outcome: 'disclosed' });
    const efficiency = await world.grant({ purpose: 'efficiency', resolution: 'day' });
    expect(await world.ask(efficiency, { resolution: 'interval' })).toEqual(refused('resolution-exceeds-purpose'));
    await expect(world.grant({ purpose: 'research' })).rejects.toMatchObject({ code: 'ERR_CONSENT_RESOLUTION' });
  });

  it('R9.3-4: a push after a revocation is dropped, which is on record once', async () => {
    const consent = await world.grant();
    const push = () =>
      world.disclosures.mayDeliver({ recipient: RECIPIENT, consentId: consent, window: WINDOW, resolution: 'hour', requestId: 'p-1' });
    expect(await push()).toBe('deliver');
    await world.consents.revoke({ account: ACCOUNT }, consent);
    expect(await push()).toBe('consent-revoked');
    expect(await push()).toBe('consent-revoked');
    expect(world.recorded(consent).filter(({ type }) => type === 'DisclosureRefused')).toMatchObject([
      { data: { via: 'push', why: 'consent-revoked' } },
    ]);
  });

  it('R9.3-4: what a later tenant uses is not the former one’s to share', async () => {
    const consent = await world.grant();
    await endTenancy(world.world.as('enrol'), 'home-1', at('2026-10-25') + 6 * 3_600_000);
    const { series } = await world.page(consent);
    expect(series[0]!.rows).toHaveLength(24 + 6);
    expect(await world.page(consent, { window: { from: at('2026-10-26'), until: at('2026-10-27') } })).toMatchObject({ rows: 0 });
  });

  it('R9.3-4: after an erasure all of the customer’s consents are over, and nobody else’s', async () => {
    const [one, other] = [await world.grant(), await world.grant({ recipient: 'another' })];
    const neighbours = await world.grant({}, 'acc-home-2');
    expect([...(await world.consents.revokeAll(ACCOUNT, 'erasure'))].sort()).toEqual([one, other].sort());
    expect(await world.consents.revokeAll(ACCOUNT, 'erasure')).toEqual([]);
    expect(await world.ask(one)).toEqual(refused('consent-revoked'));
    expect(await world.ask(neighbours)).toMatchObject({ outcome: 'disclosed', rows: 73 });
  });

  it('is found anew by account when the directory is lost', async () => {
    const consent = await world.grant();
    world.world.directory.entries.clear();
    expect(await world.consents.list(ACCOUNT)).toEqual([]);
    expect(await rebuildConsentIndex(world.world.as('consent'))).toBe(1);
    expect((await world.consents.list(ACCOUNT)).map(({ consentId }) => consentId)).toEqual([consent]);
  });

  it('is given and narrowed behind a fresh sign-in alone', async () => {
    const stale = { ...world.signedIn(), authTime: NOW - 16 * 60_000 };
    const consent = await world.grant();
    const code = { code: 'ERR_SIGN_IN_STALE' };
    await expect(world.consents.narrow(stale, consent, { resolution: 'day' })).rejects.toMatchObject(code);
    await expect(world.consents.narrow({ ...stale, authTime: NOW + 1 }, consent, { resolution: 'day' })).rejects.toMatchObject(code);
    await world.consents.narrow(world.signedIn(), consent, { resolution: 'day' });
    expect(await world.ask(consent)).toEqual(refused('resolution-exceeds-consent'));
  });

  it('shows the customer who got what, and nobody else', async () => {
    const consent = await world.grant();
    await world.page(consent);
    world.world.clock.advance(1_000);
    await world.ask(consent, { resolution: 'interval', requestId: 'r-2' });
    const history = await disclosureHistory(world.world.as('consent'), world.consents, ACCOUNT);
    if (history.length !== 2) throw new Error(`${history.length} entries`);
    expect(history[1]).toMatchObject({ consentId: consent, outcome: 'disclosed', recipient: RECIPIENT, rows: 73, requestId: 'r-1' });
    expect(history[0]).toMatchObject({ consentId: consent, outcome: 'refused', requestId: 'r-2' });
    await expect(disclosureHistory(world.world.as('consent'), world.consents, 'acc-home-2', consent)).rejects.toMatchObject({
      code: 'ERR_CONSENT_UNKNOWN',
    });
  });
});
