import { randomBytes, randomUUID } from 'node:crypto';
import type { APIGatewayProxyResult, Context } from 'aws-lambda';
import type { Problem } from '../../api/problems.ts';
import { API_SCHEMAS, type SchemaName } from '../../api/schemas.ts';
import type { MeterDayCommand } from '../../domain/meterday/command.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import type { MeterDayState, OpenDay } from '../../domain/meterday/state.ts';
import type { AssetRecord, DayFrame, MeterDayEvent } from '../../events/index.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { makeEdit } from '../../lambdas/edit/handler.ts';
import { DayProjection } from '../../lambdas/project/day-projection.ts';
import { dayTables } from '../../lambdas/project/tables.ts';
import { openPoints } from '../../lambdas/register/open-points.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { localDay, meterDayStream } from '../../lambdas/shared/days/local-days.ts';
import { apiEvent } from '../../platform/doors/api-event.ts';
import type { RecordedCommit } from '../../platform/ports/event-store.ts';
import type { ApiRole } from '../../topology/route.ts';
import { matchRoute } from '../../topology/routes.ts';
import { closeOf, collected, type Recorded, readings, records, verified } from '../meterday/days.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { MemoryWorld } from '../support/memory-platform.ts';

export const METER = '02a1b2c3d4e5f607';
export const POINT = 'up-1';
export const ACCOUNT = 'acc-1';
export const DAY = '2026-01-15';
export const PATH = `/v1/days/${METER}/${DAY}`;
const ZONE = 'Europe/London';

export const ASSET: AssetRecord = {
  intervalMinutes: 15,
  channels: [{ obis: '1-0:1.8.0', direction: 'import', unit: 'Wh', scale: 1, dials: 9, multiplier: 1, validFrom: 0 }],
  fuseW: 24_000,
  zone: ZONE,
  areaLeaf: 'north-1',
};

export interface Asked {
  readonly as?: string;
  readonly role?: ApiRole;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly key?: string;
  readonly ifMatch?: string;
  /** Instead of JSON of `body`. */
  readonly text?: string;
}

export interface Told<T = Record<string, never>> {
  readonly status: number;
  readonly etag: string;
  readonly body: T;
  readonly problem: Problem;
}

export function frameOf(meterId = METER, day = DAY, subject = ACCOUNT, usagePoint = POINT): DayFrame {
  const { start, end } = localDay(day, ZONE);
  return { usagePoint, meterId, day, part: 1, subject, start, end, minutes: 15, zone: ZONE };
}

export const BEFORE_DAYS = Date.UTC(2026, 0, 10);

/** Homes with closed days, and the editing function as the gateway calls it. */
export class EditWorld {
  readonly world = new MemoryWorld({ now: Date.UTC(2026, 0, 21, 9) });
  readonly #handler = makeEdit(this.world.as('editing'), defencesUnderTest());

  /** A home with its meter and tenant. */
  async home(meterId = METER, usagePoint = POINT, accountId = ACCOUNT, areaLeaf = 'north-1', tariff?: string): Promise<void> {
    const asset = { ...ASSET, areaLeaf };
    const { refused } = await openPoints(this.world.as('enrol'), [
      {
        ...{ usagePoint, premises: `p-${usagePoint}`, zone: ZONE, areaLeaf, meterClass: 'residential' },
        meter: { meterId, from: BEFORE_DAYS, asset },
        tenant: { accountId, from: BEFORE_DAYS },
        ...(tariff === undefined ? {} : { tariff: { tariff, from: '2026-01-01' } }),
      },
    ]);
    if (refused.length > 0) throw new Error(refused[0]!.code);
  }

  async tariff(id: string, more: object = {}): Promise<void> {
    const charges = [{ kind: 'energy', code: 'energy', pricing: { kind: 'flat', perKWh: '0.1423' } }];
    const text = JSON.stringify({ id, name: id, currency: 'GBP', from: '2026-01-01', charges, ...more });
    await publishTariff(this.world.as('operator-cli'), { file: `${id}.json`, text }, new Map());
  }

  /** Decides on a day and appends, as close-day does. */
  async record(frame: DayFrame, ...commands: readonly MeterDayCommand[]): Promise<void> {
    const store = this.world.as('close-day').events;
    const stream = meterDayStream(frame.meterId, frame.day, frame.part);
    let state = await this.state(frame);
    const events: MeterDayEvent[] = [];
    for (const command of commands) {
      for (const event of meterDay.decide(command, state)) {
        state = meterDay.evolve(state, event);
        events.push(event);
      }
    }
    const subject = { of: 'usage', subject: frame.subject, month: frame.day.slice(0, 7) } as const;
    await store.append(await store.head(stream, subject), { commitId: randomBytes(32), events, subject }).durable;
  }

  collect(frame: DayFrame, list: readonly Recorded[]): MeterDayCommand {
    return { type: 'CollectReadings', readings: readings([collected(list, {}, frame)], { frame }) };
  }

  /** Everything measured, register and seal agree: final. */
  async finalDay(frame = frameOf(), list: readonly Recorded[] = records(0, 96)): Promise<void> {
    await this.record(frame, this.collect(frame, list), verified, closeOf(frame));
  }

  /** Four slots missing: provisional, they are estimated. */
  async gappyDay(frame = frameOf()): Promise<void> {
    await this.finalDay(frame, [...records(0, 40), ...records(44, 96)]);
  }

  async commits({ meterId, day, subject }: DayFrame): Promise<RecordedCommit[]> {
    const auditor = this.world.as('auditor');
    const access = await openSubjectData(auditor, { purpose: 'audit', from: 0, until: 4e12, subjects: [subject, 'utility'] });
    return await Array.fromAsync(auditor.events.read(meterDayStream(meterId, day, 1), 0, access));
  }

  async state(frame = frameOf()): Promise<MeterDayState> {
    let state: MeterDayState = meterDay.initial;
    for (const { events } of await this.commits(frame)) for (const event of events) state = meterDay.evolve(state, event);
    return state;
  }

  async day(frame = frameOf()): Promise<OpenDay> {
    const state = await this.state(frame);
    if (state.status === 'empty') throw new Error('an open day expected');
    return state;
  }

  /** Brings the exceptions up to what is recorded. */
  async project(): Promise<void> {
    const project = this.world.as('project');
    const days: { stream: string }[] = [];
    for await (const stream of project.events.streams('meterday/')) days.push({ stream });
    const faults = await new DayProjection(project, dayTables(project.models)).follow(days);
    if (faults.size > 0) throw [...faults.values()][0];
  }

  /** One request as the gateway hands it over. What is answered must be what the route promises. */
  async ask<T>(method: 'GET' | 'POST', path: string, asked: Asked = {}): Promise<Told<T>> {
    const { as = 'ann', role = 'operator', query = {}, body, key, ifMatch, text } = asked;
    const match = matchRoute('console', method, path);
    if (match === undefined) throw new Error(`no route ${method} ${path}`);
    const headers = { 'idempotency-key': key, 'if-match': ifMatch };
    const event = apiEvent({
      ...{
        requestId: randomUUID(),
        match,
        principal: { person: as, role },
        path,
        query,
        headers,
        sourceIp: '',
        at: this.world.clock.now(),
      },
      body: text ?? (body === undefined ? undefined : JSON.stringify(body)),
    });
    const result: APIGatewayProxyResult = await this.#handler(event, { awsRequestId: 'r' } as Context);
    const told = JSON.parse(result.body) as T & Problem;
    const expected = result.statusCode < 300 ? match.route.schemas.response : 'Problem';
    API_SCHEMAS[expected as SchemaName].parse(told);
    return { status: result.statusCode, etag: String(result.headers?.['etag'] ?? ''), body: told, problem: told };
  }

  async etag(path = PATH): Promise<string> {
    return (await this.ask('GET', path)).etag;
  }

  /** A change by somebody who has just looked at the day. */
  async change<T>(action: string, body: unknown, asked: Asked = {}, path = PATH): Promise<Told<T>> {
    const ifMatch = asked.ifMatch ?? (await this.etag(path));
    return await this.ask('POST', `${path}${action}`, { key: randomUUID(), ...asked, ifMatch, body });
  }
}
