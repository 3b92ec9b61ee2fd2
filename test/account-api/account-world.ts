import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { API_SCHEMAS } from '../../api/schemas.ts';
import { closeDoors, type DoorOptions, type Doors, openDoors } from '../../bin/service/doors.ts';
import { addDays } from '../../domain/tariff/dates.ts';
import { billPeriod } from '../../lambdas/billing/bill-period.ts';
import { openBilling } from '../../lambdas/billing/open-billing.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { billingChain, issueBills } from '../../lambdas/billing-feed/issue-bills.ts';
import { Consents } from '../../lambdas/consent/consents.ts';
import { AccessProjection } from '../../lambdas/project/access-projection.ts';
import { accessTables } from '../../lambdas/project/tables.ts';
import { openPoints, type PointEntry } from '../../lambdas/register/open-points.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { changeRecipient } from '../../lambdas/shared/feeds/recipients.ts';
import { Disclosures } from '../../lambdas/third-party/disclosure.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { closePart, frameOf } from '../billing/closed-homes.ts';
import { ASSET } from '../subjects/given.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { type Answered, exchange, type Sent, written } from '../support/exchange.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { signedIn, signedInByHeader } from '../support/signed-in.ts';

const ZONE = 'Europe/London';
export const RECIPIENT = 'watt-advice';
export const RECIPIENT_CALLBACK = 'https://w.example/';
const DAY_MS = 86_400_000;
/** 0.25 per kWh, 0.50 per day. */
const TARIFF = {
  ...{ id: 'flat', name: 'Flat', currency: 'GBP', from: '2025-01-01' },
  charges: [
    { kind: 'energy', code: 'flat', pricing: { kind: 'flat', perKWh: '0.25' } },
    { kind: 'standing', code: 'day', perDay: '0.50' },
  ],
};
/** The last closed day; it is the afternoon of the day after. */
export const LAST = '2026-06-20';
const FIRST = '2026-04-30';

/** Local dates, the second not included. */
export function datesOf(from: string, until: string): string[] {
  const dates: string[] = [];
  for (let day = from; day < until; day = addDays(day, 1)) dates.push(day);
  return dates;
}

/**
 * Two customers with a home each: closed days from May to 20 June, a bill for May that went out and is in the billing feed, one consent
 * each. Every quarter-hour of the first has 100 Wh, at weekends 200; of the second three times as much.
 */
export class AccountWorld {
  readonly clock = new ManualClock(localDay('2026-04-01', ZONE).start * 1000);
  readonly directory = mkdtempSync(join(tmpdir(), 'joulekeep-account-'));
  platform!: Embedded;
  doors!: Doors;
  /** By account. */
  readonly consents = new Map<string, string>();

  /** @param doors what is otherwise than customers who are who they say, by the platform's own clock */
  static async open(doors: DoorOptions = {}): Promise<AccountWorld> {
    const world = new AccountWorld();
    const { clock } = world;
    const defences = { ...defencesUnderTest(), rateLimits: false };
    world.platform = await createEmbeddedPlatform({ stateDir: join(world.directory, 'state'), clock, timer: false, defences });
    await world.#openHomes();
    for (const usagePoint of ['home-1', 'home-2']) for (const day of datesOf(FIRST, addDays(LAST, 1))) await world.close(usagePoint, day);
    clock.set(localDay(addDays(LAST, 1), ZONE).start * 1000 + 15 * 3_600_000);
    for (const usagePoint of ['home-1', 'home-2']) await world.#bill(usagePoint);
    await world.#share();
    world.doors = await openDoors(world.platform, clock, {}, { defences, authorizer: signedInByHeader, wall: clock, ...doors });
    return world;
  }

  #as = (principal: string) => this.platform.as(principal);

  async #openHomes(): Promise<void> {
    const since = this.clock.now();
    const entries = ['home-1', 'home-2'].map((usagePoint): PointEntry => {
      const point = { usagePoint, premises: `p-${usagePoint}`, zone: ZONE, areaLeaf: 'north-1', meterClass: 'residential' as const };
      const meter = { meterId: frameOf(usagePoint, LAST).meterId, from: since, asset: ASSET };
      return { ...point, meter, tenant: { accountId: `acc-${usagePoint}`, from: since }, tariff: { tariff: 'flat', from: '2026-01-01' } };
    });
    await openPoints(this.#as('enrol'), entries);
    await publishTariff(this.#as('billing'), { file: 'flat.json', text: JSON.stringify(TARIFF) }, new Map());
  }

  /** A day that was read as a whole, but for a gap: slots without a value. */
  async close(usagePoint: string, day: string, gap: readonly number[] = []): Promise<void> {
    const weekend = [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());
    const wh = (weekend ? 200 : 100) * (usagePoint === 'home-1' ? 1 : 3);
    await closePart(this.#as, frameOf(usagePoint, day), wh, { gap });
  }

  async #bill(usagePoint: string): Promise<void> {
    const [account, period] = [`acc-${usagePoint}`, { from: '2026-05-01', until: '2026-06-01' }];
    const sources = await openBilling(this.#as('billing'), [account], period);
    const { stream, events } = await billPeriod(sources, { account, usagePoint, ...period });
    if (events[0]?.type !== 'BillComputed') throw new Error(`${stream}: ${JSON.stringify(events)}`);
    const api = this.#as('billing-api');
    await issueBills(api, billingChain(api, defencesUnderTest()), [{ account, usagePoint, from: period.from, stream, version: 0 }]);
  }

  async #share(): Promise<void> {
    const at = this.clock.now();
    const registration = {
      type: 'RegisterRecipient',
      recipientId: RECIPIENT,
      name: 'Watt Advice',
      redirectUris: [RECIPIENT_CALLBACK],
      at,
    } as const;
    await changeRecipient(this.#as('enrol'), RECIPIENT, registration);
    const consents = new Consents(this.#as('consent'), defencesUnderTest());
    for (const account of ['acc-home-1', 'acc-home-2']) {
      const scope = { dataClasses: ['usage'], resolution: 'day', from: at - 60 * DAY_MS, until: at + 60 * DAY_MS } as const;
      const wish = { recipient: RECIPIENT, purpose: 'efficiency', textHash: 'a'.repeat(64), expiresAt: scope.until, ...scope } as const;
      this.consents.set(account, await consents.grant({ account, authTime: at, authMethod: 'passkey' }, wish));
    }
  }

  /** A request at the customers' door of somebody who signed in as an account. */
  async call(account: string, path: string, { method = 'GET', headers = {}, ...sent }: Sent = {}): Promise<Answered> {
    const { body, typed } = written(sent);
    const all = { ...typed, ...signedIn(account, this.clock.now()), ...headers };
    return await exchange({ port: this.doors.customer!.port, path, ca: this.platform.ca.rootPem, method, headers: all }, body);
  }

  /** An answer of 200, as its schema says. @throws Error with any other */
  async read<T>(account: string, path: string, schema: keyof typeof API_SCHEMAS, sent: Sent = {}): Promise<T> {
    const { status, text } = await this.call(account, path, sent);
    if (status !== 200) throw new Error(`${status} ${text}`);
    return API_SCHEMAS[schema].parse(JSON.parse(text)) as T;
  }

  /** The third party pulls three days by an account's consent. @throws Error with the reason of a refusal */
  async disclose(account: string): Promise<void> {
    const disclosures = new Disclosures(this.#as('third-party-api'), defencesUnderTest());
    const window = { from: localDay('2026-06-10', ZONE).start * 1000, until: localDay('2026-06-13', ZONE).start * 1000 };
    const ask = { recipient: RECIPIENT, consentId: this.consents.get(account)!, window, resolution: 'day', requestId: 'r-1' } as const;
    const disclosed = await disclosures.disclose(ask);
    if (disclosed.outcome === 'refused') throw new Error(disclosed.why);
  }

  /** Accesses as far as they are on record, in the table that the list is made of. */
  async followAccesses(): Promise<void> {
    const project = this.#as('project');
    const projection = new AccessProjection(project, accessTables(project.models));
    for (const family of ['access/', 'audit/'])
      for await (const stream of project.events.streams(family)) await projection.follow(stream, Number.POSITIVE_INFINITY);
  }

  async stop(): Promise<void> {
    await closeDoors(Object.values(this.doors));
    await this.platform.close();
    rmSync(this.directory, { recursive: true });
  }
}
