import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyResult, Context } from 'aws-lambda';
import type { Problem } from '../../api/problems.ts';
import { API_SCHEMAS, type SchemaName } from '../../api/schemas.ts';
import { makeAudit } from '../../lambdas/audit/handler.ts';
import { makeBillDesk } from '../../lambdas/bill-desk/handler.ts';
import { makeConsoleApi } from '../../lambdas/console-api/handler.ts';
import { makeEdit } from '../../lambdas/edit/handler.ts';
import type { ApiHandler } from '../../lambdas/http/api-handler.ts';
import { DeviceProjection } from '../../lambdas/project/device-projection.ts';
import { RelayProjection } from '../../lambdas/project/relay-projection.ts';
import { SegmentProjection } from '../../lambdas/project/segment-projection.ts';
import { deviceTables, relayTables, segmentTables } from '../../lambdas/project/tables.ts';
import { makeSession } from '../../lambdas/session/handler.ts';
import { apiEvent } from '../../platform/doors/api-event.ts';
import type { ListedCaller } from '../../platform/ports/caller-list.ts';
import type { IdentityProvider } from '../../platform/ports/identity.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { CallerRole } from '../../topology/route.ts';
import { type ApiRoute, matchRoute, ROUTES, type RouteName } from '../../topology/routes.ts';
import { defencesUnderTest } from '../support/defences.ts';

export interface Asked {
  readonly as?: string;
  readonly role?: CallerRole;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Told<T> {
  readonly status: number;
  readonly body: T;
  readonly problem: Problem;
}

/** Nobody signs in here: callers are who they are said to be. */
const NOBODY: IdentityProvider = { verify: async () => ({ refused: 'nobody' }), isActive: async () => false };

/** The functions behind the console's door, as its gateway calls them. */
export class ConsoleDoor {
  /** Who is in the register. */
  readonly callers: ListedCaller[] = [];
  readonly #as: (principal: string) => Platform;
  readonly #handlers: Readonly<Record<string, ApiHandler>>;

  constructor(as: (principal: string) => Platform) {
    this.#as = as;
    const list = { callers: async (most: number) => this.callers.slice(0, most) };
    this.#handlers = {
      'console-api': makeConsoleApi(list)(as('console-api'), defencesUnderTest()),
      audit: makeAudit(as('auditor'), defencesUnderTest()),
      'bill-desk': makeBillDesk(as('billing'), defencesUnderTest()),
      edit: makeEdit(as('editing'), defencesUnderTest()),
      session: makeSession(as('session'), NOBODY),
    };
  }

  /** One request. What is answered must be what the route promises. */
  async ask<T>(name: RouteName, asked: Asked = {}): Promise<Told<T>> {
    const { as = 'ann', role = 'auditor', path: parameters = {}, query = {}, body } = asked;
    const route: ApiRoute = ROUTES.find((candidate) => candidate.name === name && candidate.door === 'console')!;
    const path = route.path.replace(/\{(\w+)\}/g, (_, parameter: string) => parameters[parameter] ?? 'none');
    const match = matchRoute('console', route.method, path)!;
    const { clock } = this.#as('console-api');
    const event = apiEvent({
      ...{ requestId: randomUUID(), match, principal: { person: as, role }, path, query, headers: {}, sourceIp: '', at: clock.now() },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const result: APIGatewayProxyResult = await this.#handlers[route.function]!(event, { awsRequestId: 'r' } as Context);
    const told = JSON.parse(result.body) as T & Problem;
    API_SCHEMAS[(result.statusCode < 300 ? route.schemas.response : 'Problem') as SchemaName].parse(told);
    return { status: result.statusCode, body: told, problem: told };
  }
}

/** Brings the tables of segments, concentrators and devices up to what is recorded. */
export async function projectAll(platform: Platform): Promise<void> {
  const segments = new SegmentProjection(platform, segmentTables(platform.models));
  for await (const stream of platform.events.streams('segment/'))
    await segments.follow(stream.slice('segment/'.length), Number.MAX_SAFE_INTEGER);
  const relays = new RelayProjection(platform, relayTables(platform.models));
  for await (const stream of platform.events.streams('relay/')) await relays.follow(stream.slice('relay/'.length), Number.MAX_SAFE_INTEGER);
  const devices = new DeviceProjection(platform, deviceTables(platform.models));
  for (const prefix of ['meter/', 'relay/'])
    for await (const stream of platform.events.streams(prefix)) await devices.follow(stream, Number.MAX_SAFE_INTEGER);
}
