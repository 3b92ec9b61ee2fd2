import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keysOf } from '../../bin/commands/bill-proof.ts';
import { type Trust, trustIn } from '../../bin/proof/trust.ts';
import { verifyProof } from '../../bin/proof/verify-proof.ts';
import { ColumnBuilder } from '../../domain/telemetry/column-builder.ts';
import type { DomainEvent } from '../../events/index.ts';
import { type ProofRequest, proveBill } from '../../lambdas/bill-proof/prove-bill.ts';
import { type BilledPeriod, billPeriod } from '../../lambdas/billing/bill-period.ts';
import { openBilling } from '../../lambdas/billing/open-billing.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { closeSegment } from '../../lambdas/close-day/close-segment.ts';
import { Closer } from '../../lambdas/close-day/closer.ts';
import { openPoints, type PointEntry } from '../../lambdas/register/open-points.ts';
import { openAccount, startTenancy } from '../../lambdas/register/tenancy.ts';
import { localDay, provisionalAt } from '../../lambdas/shared/days/local-days.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { meterThing } from '../../topology/device-access.ts';
import { idOf } from '../contract/support/events.ts';
import { MINUTE, startLog } from '../log/logged-state.ts';
import { ASSET } from '../subjects/given.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { ProfileMeter } from '../support/profile-meter.ts';

const ZONE = 'Europe/London';
const SEGMENT = '00000';
/** Three days, the clock is put back on the second. */
export const PERIOD = { from: '2026-10-24', until: '2026-10-27' };
const DAYS = ['2026-10-24', '2026-10-25', '2026-10-26'];
/** By band, with a standing charge and tax: every kind of line follows from the days. */
export const TARIFF = {
  ...{ id: 'bands', name: 'Bands', currency: 'GBP', from: '2026-01-01' },
  charges: [
    {
      ...{ kind: 'energy', code: 'energy', tax: 'vat' },
      pricing: {
        kind: 'time-of-use',
        bands: [
          { band: 'peak', perKWh: '0.31' },
          { band: 'rest', perKWh: '0.17' },
        ],
        rules: [{ band: 'peak', when: { from: '16:00', until: '19:00' } }, { band: 'rest' }],
      },
    },
    { kind: 'standing', code: 'day', perDay: '0.50', tax: 'vat' },
  ],
  taxes: [{ group: 'vat', code: 'vat', percent: '5' }],
};

export const HOMES = ['home-1', 'home-2'];
export const accountOf = (home: string): string => `acc-${home}`;
export const billOf = (home: string): string => `bill/${accountOf(home)}/${home}.${PERIOD.from}`;
const meterOf = (home: string): string => `00124b000000000${home.at(-1)}`;

export interface ProofWorldOptions {
  /** Of the first home's tenant, and from when, UTC ms. */
  readonly successor?: { readonly account: string; readonly from: number };
  /** CSV of prices by which energy is charged instead of by band. */
  readonly series?: string;
}

const MARKET = 'market';
const seriesNamed = (text: string | undefined) => new Map(text === undefined ? [] : [[MARKET, { file: 'market.csv', text }]]);

function tariffBy(series: string | undefined): object {
  const [energy, ...others] = TARIFF.charges;
  return series === undefined
    ? TARIFF
    : { ...TARIFF, charges: [{ ...energy, pricing: { kind: 'price-series', series: MARKET } }, ...others] };
}

/** Two homes with meters that seal their days, three of them closed and billed, and the log over everything: on disk, as a service leaves it. */
export class ProofWorld {
  readonly directory = mkdtempSync(join(tmpdir(), 'joulekeep-proof-'));
  readonly state = join(this.directory, 'state');
  readonly clock = new ManualClock(localDay(PERIOD.from, ZONE).start * 1000);
  platform!: Embedded;
  readonly #meters: ProfileMeter[] = [];

  static async open({ successor, series }: ProofWorldOptions = {}): Promise<ProofWorld> {
    const world = new ProofWorld();
    const { clock } = world;
    const options = { stateDir: world.state, clock, timer: false, defences: defencesUnderTest(), retryMs: 10 };
    world.platform = await createEmbeddedPlatform(options);
    await world.#openHomes(series);
    if (successor !== undefined) {
      await openAccount(world.platform.as('enrol'), successor.account);
      await startTenancy(world.platform.as('enrol'), HOMES[0]!, successor.account, successor.from);
    }
    const closer = new Closer(world.platform.as('close-day'), defencesUnderTest());
    for (const day of DAYS) {
      await world.#play(day);
      clock.set(provisionalAt(day, ZONE));
      const tally = await closeSegment(world.platform.as('close-day'), SEGMENT, closer);
      if (tally.finalized < HOMES.length) throw new Error(`${day}: ${JSON.stringify(tally)}`);
    }
    for (const home of HOMES) await world.bill(home);
    await startLog(world.platform);
    await world.log();
    return world;
  }

  async #openHomes(series: string | undefined): Promise<void> {
    const since = this.clock.now();
    const entries = HOMES.map((usagePoint): PointEntry => {
      const point = { usagePoint, premises: `p-${usagePoint}`, zone: ZONE, areaLeaf: 'north-1', meterClass: 'residential' as const };
      const meter = { meterId: meterOf(usagePoint), from: since, asset: ASSET };
      return {
        ...point,
        meter,
        tenant: { accountId: accountOf(usagePoint), from: since },
        tariff: { tariff: 'bands', from: '2026-01-01' },
      };
    });
    await openPoints(this.platform.as('enrol'), entries);
    await publishTariff(this.platform.as('billing'), { file: 'bands.json', text: JSON.stringify(tariffBy(series)) }, seriesNamed(series));
    for (const [member, home] of HOMES.entries()) await this.#enrol(meterOf(home), member, since);
  }

  async #enrol(meterId: string, member: number, at: number): Promise<void> {
    const { privateKey, csr } = await deviceKey(meterThing(meterId));
    const certificate = await this.platform.ca.issue(meterThing(meterId), 'meter', csr);
    await this.append(`meter/${meterId}`, [{ type: 'MeterEnrolled', data: { meterId, certificate, asset: ASSET, at } }]);
    await this.append(`segment/${SEGMENT}`, [{ type: 'MeterJoined', data: { meterId, member, asset: ASSET, relays: [], at } }]);
    this.#meters.push(new ProfileMeter({ meterId, asset: ASSET, privateKey, firstDay: DAYS[0]!, days: 4 }));
  }

  async #play(day: string): Promise<void> {
    const { start, end } = localDay(day, ZONE);
    for (let hour = start + 3600; hour <= end; hour += 3600) {
      this.clock.set(hour * 1000 + MINUTE);
      const frames = this.#meters.map((meter, i) => {
        for (let at = hour - 2700; at <= hour; at += 900) meter.measure(at, 60 + ((i * 31 + (at / 900) * 17) % 240));
        return meter.frames(hour)[0]!;
      });
      await this.#say(frames);
    }
    await this.#say(await Promise.all(this.#meters.map(async (meter) => (await meter.seals())[0]!)));
  }

  async #say(frames: readonly Buffer[]): Promise<void> {
    const at = this.clock.now();
    const builder = new ColumnBuilder(frames.length, 65_536);
    for (const [member, plaintext] of frames.entries()) {
      const wire = Buffer.alloc(64);
      wire.write(this.#meters[member]!.options.meterId, 0, 'hex');
      const sizeClass = plaintext.length === 32 ? 0 : 2;
      builder.add({ wire, kid: 0, iv: 11, tag: 20, plaintext, sizeClass, member, annotations: 0, receivedAt: at });
    }
    const batch = { dcId: 'dc1', sequence: 1, digest: Buffer.alloc(8) };
    const data = { batch, brokerTime: at, frames: builder.take(), duplicates: 0, slotsRepeated: 0 };
    await this.append(`segment/${SEGMENT}`, [{ type: 'FramesAccepted', data }]);
  }

  async append(stream: string, events: readonly DomainEvent[]): Promise<void> {
    const store = this.platform.as('enrol').events;
    const head = await store.head(stream);
    await store.append(head, { commitId: idOf(`${stream} ${head.version}`), events }).durable;
  }

  async bill(home: string): Promise<BilledPeriod> {
    const account = accountOf(home);
    const sources = await openBilling(this.platform.as('billing'), [account], PERIOD);
    const billed = await billPeriod(sources, { account, usagePoint: home, ...PERIOD });
    if (billed.events[0]?.type !== 'BillComputed') throw new Error(JSON.stringify(billed.events));
    return billed;
  }

  /** The minute after, in which what was committed gets its place in the log. */
  async log(): Promise<void> {
    await this.platform.host.drain();
    this.clock.advance(MINUTE);
    await this.platform.host.runDue();
  }

  async prove(home: string, more: Partial<ProofRequest> = {}): Promise<string> {
    const request = { stream: billOf(home), account: accountOf(home), purpose: 'export', person: 'ann', ...more } as const;
    return JSON.stringify(await proveBill(this.platform.as('billing'), request));
  }

  /** What a reader finds, with everything in the log. */
  async verdict(home: string, more: Partial<ProofRequest> = {}): Promise<ReturnType<typeof verifyProof>> {
    await this.log();
    return verifyProof(await this.prove(home, more), await this.trust());
  }

  async keys(): Promise<string> {
    return await keysOf(this.platform);
  }

  async trust(): Promise<Trust> {
    return trustIn(await this.keys(), 'keys.pem');
  }

  async close(): Promise<void> {
    await this.platform.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
