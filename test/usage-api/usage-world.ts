import { randomBytes, randomUUID } from 'node:crypto';
import type { APIGatewayProxyResult, Context } from 'aws-lambda';
import { Problem } from '../../api/problems.ts';
import { API_SCHEMAS, type SchemaName } from '../../api/schemas.ts';
import { RECORD_SIZE, writeRecord } from '../../domain/meterday/records.ts';
import { cutHistory } from '../../domain/meterday/reseal.ts';
import type { AssetRecord, Channel, DataAccessed, MeterDayEvent } from '../../events/index.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { DayProjection } from '../../lambdas/project/day-projection.ts';
import { dayTables } from '../../lambdas/project/tables.ts';
import { openPoints } from '../../lambdas/register/open-points.ts';
import { openAccount, startTenancy } from '../../lambdas/register/tenancy.ts';
import { localDay, meterDayStream } from '../../lambdas/shared/days/local-days.ts';
import { makeUsageApi } from '../../lambdas/usage-api/handler.ts';
import { apiEvent } from '../../platform/doors/api-event.ts';
import { matchRoute } from '../../topology/routes.ts';
import { closeFrame, meterOf } from '../billing/closed-homes.ts';
import { channelOf } from '../subjects/given.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { customerOf } from '../support/signed-in.ts';

export const ZONE = 'Europe/London';
export const POINT = 'home-1';
export const ANNA = 'acc-anna';
export const BEN = 'acc-ben';
/** Since when homes are there. */
export const SINCE = localDay('2026-10-01', ZONE).start * 1000;
export const FLAT = { kind: 'flat', perKWh: '0.25' };

export const HOME: AssetRecord = {
  intervalMinutes: 15,
  channels: [channelOf('1-0:1.8.0')],
  fuseW: 23_000,
  zone: ZONE,
  areaLeaf: 'north-1',
};
export const SOLAR: AssetRecord = { ...HOME, channels: [channelOf('1-0:1.8.0'), channelOf('1-0:2.8.0', { direction: 'export' })] };

/** Wh of a slot of the local day, by its number from 0; undefined = nothing came. */
export type Lane = (slot: number) => number | undefined;

export interface Told<T> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly body: T;
}

export interface Asked {
  readonly as?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

interface DayOf {
  readonly usagePoint?: string;
  readonly meterId?: string;
  readonly subject?: string;
  readonly asset?: AssetRecord;
  readonly part?: number;
  /** Instants of a part, UTC s; default the whole day. */
  readonly start?: number;
  readonly end?: number;
  /** False: with estimates in it, it is provisional. */
  readonly due?: boolean;
}

/** Homes of customers, and the function that answers about their usage as the gateway calls it. */
export class UsageWorld {
  readonly world = new MemoryWorld({ now: Date.UTC(2026, 10, 20, 12) });
  readonly handler = makeUsageApi(this.world.as('usage-api'), defencesUnderTest());

  /** A home with its meter and tenant. */
  async home(
    usagePoint = POINT,
    accountId = ANNA,
    more: { asset?: AssetRecord; tariff?: string | null; since?: number } = {},
  ): Promise<void> {
    const { asset = HOME, tariff = 'flat', since = SINCE } = more;
    const point = {
      usagePoint,
      premises: `p-${usagePoint}`,
      zone: asset.zone,
      areaLeaf: asset.areaLeaf,
      meterClass: 'residential' as const,
    };
    const tenant = { accountId, from: since };
    const priced = tariff === null ? {} : { tariff: { tariff, from: '2026-01-01' } };
    const entry = { ...point, meter: { meterId: meterOf(usagePoint), from: since, asset }, tenant, ...priced };
    const { refused } = await openPoints(this.world.as('enrol'), [entry]);
    if (refused.length > 0) throw new Error(refused[0]!.code);
  }

  /** From an instant on it is another's. @param at UTC ms */
  async move(usagePoint: string, accountId: string, at: number): Promise<void> {
    const enrol = this.world.as('enrol');
    await openAccount(enrol, accountId);
    await startTenancy(enrol, usagePoint, accountId, at);
  }

  async tariff(id = 'flat', pricing: object = FLAT, more: object = {}): Promise<void> {
    const taxed = 'taxes' in more;
    const charges = [
      { kind: 'energy', code: 'energy', pricing, ...(taxed && { tax: 'vat' }) },
      { kind: 'standing', code: 'standing', perDay: '0.50' },
    ];
    const text = JSON.stringify({ id, name: `Tariff ${id}`, currency: 'GBP', from: '2026-01-01', charges, ...more });
    await publishTariff(this.world.as('billing'), { file: `${id}.json`, text }, new Map());
  }

  /** Closes a day as close-day does. @param lanes by channel; slots are numbered within the part */
  async close(day: string, lanes: Lane | readonly Lane[], of: DayOf = {}): Promise<void> {
    const { usagePoint = POINT, meterId = meterOf(usagePoint), subject = ANNA, asset = HOME, part = 1, due = true } = of;
    const whole = localDay(day, asset.zone);
    const { start = whole.start, end = whole.end } = of;
    const frame = { usagePoint, meterId, day, part, subject, start, end, minutes: asset.intervalMinutes, zone: asset.zone };
    const all = typeof lanes === 'function' ? [lanes] : lanes;
    const channels = all.map((lane, i) => recordsOf(asset.channels[i]!, i, lane, frame));
    await closeFrame((principal) => this.world.as(principal), frame, channels, { due });
  }

  /** A closed day is another's after a correction, as far as its stream goes. */
  async reseal(day: string, to: string, usagePoint = POINT): Promise<void> {
    const { events } = this.world.as('archive');
    const stream = meterDayStream(meterOf(usagePoint), day, 1);
    const past = this.world.events.eventsOf(stream) as MeterDayEvent[];
    const [first] = past.flatMap((event) => (event.type === 'ReadingsCollected' ? [event.data.frame] : []));
    const frame = { ...first!, subject: to };
    const key = { of: 'usage', subject: to, month: day.slice(0, 7) } as const;
    const data = { frame, history: cutHistory(past, frame), reason: 'tenancy-corrected', at: 2 };
    const commit = { commitId: randomBytes(32), events: [{ type: 'DayResealed', data } as const], subject: key };
    await events.append(await events.head(stream, key), commit).durable;
  }

  /** Brings the read models up to what is recorded. */
  async project(): Promise<void> {
    const project = this.world.as('project');
    const days = (await Array.fromAsync(project.events.streams('meterday/'))).map((stream) => ({ stream }));
    for (const fault of (await new DayProjection(project, dayTables(project.models)).follow(days)).values()) throw fault;
  }

  /** One request as the gateway hands it over. What is answered must be what the route promises. */
  async ask<T>(path: string, { as = ANNA, query = {}, headers = {} }: Asked = {}): Promise<Told<T>> {
    const match = matchRoute('customer', 'GET', path);
    if (match === undefined) throw new Error(`no route ${path}`);
    const event = apiEvent({
      ...{ requestId: randomUUID(), match, principal: customerOf(as), path, query, headers },
      ...{ body: undefined, sourceIp: '', at: this.world.clock.now() },
    });
    const result: APIGatewayProxyResult = await this.handler(event, { awsRequestId: 'r' } as Context);
    const { statusCode: status, body: text } = result;
    const isJson = String(result.headers?.['content-type'] ?? '').includes('json');
    const body = isJson ? (JSON.parse(text) as T) : (text as T);
    if (status === 200 && match.route.name !== 'downloadUsage') API_SCHEMAS[match.route.schemas.response as SchemaName].parse(body);
    if (status >= 400) Problem.parse(body);
    return { status, headers: (result.headers ?? {}) as Record<string, string>, text, body };
  }

  /** Of the home, at a route of its own. */
  async of<T>(route: string, asked: Asked = {}, usagePoint = POINT): Promise<Told<T>> {
    return await this.ask<T>(`/v1/me/points/${usagePoint}/${route}`, asked);
  }

  /** What is on record of customers' looks. */
  async looks(): Promise<readonly DataAccessed[]> {
    const { events } = this.world;
    const streams = (await Array.fromAsync(events.streams('access/'))).filter((stream) => stream.includes('.usage-api'));
    return streams.flatMap((stream) => events.eventsOf(stream)).map(({ data }) => data as DataAccessed);
  }
}

interface Frame {
  readonly start: number;
  readonly end: number;
  readonly minutes: number;
}

function recordsOf(asset: Channel, channel: number, lane: Lane, { start, end, minutes }: Frame) {
  const step = minutes * 60;
  const slots = (end - start) / step;
  const records = new Uint8Array(slots * RECORD_SIZE);
  let register = 0;
  for (let i = 0; i < slots; i++) {
    const wh = lane(i);
    register += wh ?? 0;
    writeRecord(records, i, start + (i + 1) * step, register, wh ?? 0xffff, 0);
  }
  const columns = { records, annotations: new Uint8Array(slots * 4), heads: new Uint8Array(0) };
  return { channel, asset, capacity: 60_000, ...columns, registerBefore: 0 };
}
