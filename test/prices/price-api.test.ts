import { createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import type * as z from 'zod';
import type { PriceBundle } from '../../api/prices.ts';
import { API_SCHEMAS } from '../../api/schemas.ts';
import { HomeDisplay } from '../../devices/home-display/display.ts';
import { priceZone } from '../../domain/price/price-zone.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { makePriceApi } from '../../lambdas/price-api/handler.ts';
import { openProgram, publishDemandResponse } from '../../lambdas/prices/demand-response.ts';
import { pinRoot, tellDisplayKeys } from '../../lambdas/prices/key-list.ts';
import { signAhead } from '../../lambdas/prices/sign-ahead.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import { apiEvent } from '../../platform/doors/api-event.ts';
import { matchRoute } from '../../topology/routes.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { describeShared, sharedPath } from '../support/shared.ts';
import { contradictions, type Schema } from './json-schema.ts';
import { readPlainYaml } from './plain-yaml.ts';
import { LIMITS, MemoryRecord } from './price-world.ts';

const NOON = Date.parse('2013-06-12T11:10:00Z');
const ADR = '/openadr3/3.1.0';

let world: MemoryWorld;
let root: ReturnType<typeof createPublicKey>;
let ask: (path: string, query?: Record<string, string>) => Promise<APIGatewayProxyResult>;

beforeEach(async () => {
  world = new MemoryWorld({ now: NOON });
  const text = readFileSync(fileURLToPath(new URL('../../tariffs/day-night.json', import.meta.url)), 'utf8');
  await publishTariff(world.as('billing'), { file: 'day-night', text }, new Map());
  const settings = { tariff: 'day-night', timeZone: 'Europe/London', minutes: 30, spreadMicroPerKWh: '1000' };
  const { events } = world.as('prices');
  await runDecider(events, 'price/north', priceZone, [
    { type: 'ProposeZone', zone: 'north', settings, by: 'ann', at: NOON },
    { type: 'ApproveZone', zone: 'north', by: 'bob', at: NOON },
  ]);
  await signAhead(world.as('prices'), 'north');
  await openProgram(world.as('prices'), 'evening', 'Less in the evening');
  const asked = { program: 'evening', name: 'cold evening', level: 2, start: NOON + 6 * 3_600_000, minutes: 60, randomMinutes: 10 };
  await publishDemandResponse(world.as('prices'), { ...asked, id: 'e1' });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  root = createPublicKey(privateKey);
  const bySigning = async (input: Buffer) => sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  await pinRoot(world.as('operator-cli'), root.export({ format: 'der', type: 'spki' }));
  const service = { newestGeneration: async (id: string) => ({ id, createdAt: NOON }) };
  await tellDisplayKeys(world.as('operator-cli'), service, bySigning);
  const handler = makePriceApi(world.as('price-api'));
  ask = async (path, query = {}) => {
    const match = matchRoute('customer', 'GET', path)!;
    const principal = { person: 'public', role: 'public' } as const;
    const sourceIp = '127.0.0.1';
    const event = apiEvent({
      requestId: 'r',
      match,
      principal,
      path,
      query,
      headers: {},
      body: undefined,
      sourceIp,
      at: world.clock.now(),
    });
    return (await handler(event, {} as never)) as APIGatewayProxyResult;
  };
});

async function bundle(after?: number): Promise<z.infer<typeof PriceBundle>> {
  const answer = await ask('/v1/prices/north', after === undefined ? {} : { after: String(after) });
  expect(answer.statusCode).toBe(200);
  return API_SCHEMAS.PriceBundle.parse(JSON.parse(answer.body));
}

function newDisplay(): HomeDisplay {
  const options = { zone: 'north', programs: ['evening'], limits: LIMITS, root, record: new MemoryRecord(), clock: world.clock };
  return new HomeDisplay({ ...options, random: randomBytes, defences: defencesUnderTest(), identity: '' });
}

function feed(display: HomeDisplay, { keys, tariffs, prices }: z.infer<typeof PriceBundle>): void {
  if (keys !== undefined) display.take(keys);
  for (const tariff of tariffs) display.take(tariff);
  display.takeChain(prices);
}

describe('what a display asks for', () => {
  it('is enough for one that knows nothing, whenever it comes', async () => {
    for (let step = 0; step < 100; step++) {
      await signAhead(world.as('prices'), 'north');
      const display = newDisplay();
      feed(display, await bundle());
      expect([step, display.shown().live]).toEqual([step, true]);
      expect(display.reports.filter(({ outcome }) => outcome === 'refused')).toEqual([]);
      world.clock.advance(30 * 60_000);
    }
  });

  it('goes on from what it has, and is told nothing before its time', async () => {
    const display = newDisplay();
    feed(display, await bundle());
    const after = display.memory.prices.seq;
    expect((await bundle(after)).prices).toEqual([]);
    world.clock.advance(30 * 60_000);
    await signAhead(world.as('prices'), 'north');
    const more = await bundle(after);
    expect(more.prices).toHaveLength(1);
    feed(display, more);
    expect(display.shown().live).toBe(true);
  });

  it('may be kept until the next interval, and by anybody', async () => {
    const answer = await ask('/v1/prices/north');
    expect(answer.headers?.['cache-control']).toBe('public, max-age=60');
    world.clock.advance(19 * 60_000 + 40_000);
    expect((await ask('/v1/prices/north')).headers?.['cache-control']).toBe('public, max-age=20');
  });

  it('R9.2-2: a proxy that edits any character of it gets nothing shown', async () => {
    const told = await bundle();
    const edit = (jws: string, at: number) => jws.slice(0, at) + (jws[at] === 'A' ? 'B' : 'A') + jws.slice(at + 1);
    for (const at of [3, 30, 200, 500, 560, -3].map((place) => (place < 0 ? told.prices.at(-1)!.length + place : place))) {
      const display = newDisplay();
      feed(display, { ...told, prices: told.prices.map((jws) => edit(jws, at)) });
      expect([at, display.shown().source]).toEqual([at, 'day-ahead']);
      const blind = newDisplay();
      feed(blind, { ...told, tariffs: told.tariffs.map((jws) => edit(jws, at)) });
      expect([at, blind.shown().source]).toEqual([at, 'none']);
      const keyless = newDisplay();
      feed(keyless, { ...told, keys: edit(told.keys!, at) });
      expect([at, keyless.shown().source]).toEqual([at, 'none']);
    }
  });

  it('holds the signed events of a program, which the display decides about', async () => {
    const answer = await ask('/v1/demand-response/evening');
    const { keys, events } = API_SCHEMAS.DemandResponseBundle.parse(JSON.parse(answer.body));
    const display = newDisplay();
    display.take(keys!);
    for (const event of events) display.take(event);
    expect(display.memory.decisions).toMatchObject([{ outcome: 'accepted', level: 2 }]);
  });

  it.each(['/v1/prices/south', '/v1/demand-response/none', `${ADR}/programs/none`, `${ADR}/events/none`])(
    '%s is not there',
    async (path) => {
      expect((await ask(path)).statusCode).toBe(404);
    },
  );
});

describeShared('the read side of a VTN', 'conformance/openadr/openadr3.yaml', (path) => {
  const document = readPlainYaml(readFileSync(path, 'utf8')) as { components: { schemas: Record<string, Schema> } };
  const { schemas } = document.components;
  const payloads = readPlainYaml(readFileSync(sharedPath('conformance/openadr/event-interval-payloads.schema.yaml'), 'utf8')) as {
    definitions: Record<string, Schema>;
  };
  const find = (ref: string) => schemas[ref.slice('#/components/schemas/'.length)]!;
  const faults = (value: unknown, name: string) => contradictions(value, schemas[name]!, find);

  it('answers programs and events that are valid by the published schemas, one by one and as lists', async () => {
    const programs = JSON.parse((await ask(`${ADR}/programs`)).body) as { id: string }[];
    expect(programs.map(({ id }) => id)).toEqual(['price-north', 'evening']);
    const events = JSON.parse((await ask(`${ADR}/events`)).body) as {
      id: string;
      intervals: { payloads: { type: string; values: unknown[] }[] }[];
    }[];
    expect(events.map(({ id }) => id)).toEqual(['price-north-1', 'price-north-2', 'evening-e1']);
    for (const program of programs) {
      expect(faults(program, 'program')).toEqual([]);
      expect(JSON.parse((await ask(`${ADR}/programs/${program.id}`)).body)).toEqual(program);
    }
    for (const event of events) {
      expect(faults(event, 'event')).toEqual([]);
      expect(JSON.parse((await ask(`${ADR}/events/${event.id}`)).body)).toEqual(event);
      for (const { type, values } of event.intervals.flatMap((interval) => interval.payloads)) {
        expect(contradictions(values, payloads.definitions[type]!, find)).toEqual([]);
      }
    }
    const [one] = JSON.parse((await ask(`${ADR}/events`, { programID: 'evening', limit: '1' })).body) as unknown[];
    expect(one).toEqual(events[2]);
  });

  it('is held against schemas that refuse what is wrong', async () => {
    const [event] = JSON.parse((await ask(`${ADR}/events`)).body) as Record<string, unknown>[];
    expect(faults({ ...event, programID: 'no id' }, 'event')).not.toEqual([]);
    expect(faults({ ...event, objectType: 'SWITCH' }, 'event')).not.toEqual([]);
    expect(faults({ ...event, intervalPeriod: { start: 'soon' } }, 'event')).not.toEqual([]);
    expect(faults({ ...event, intervals: [{ id: 0 }] }, 'event')).not.toEqual([]);
    expect(faults({ ...event, id: undefined }, 'event')).not.toEqual([]);
    expect(contradictions([4], payloads.definitions['SIMPLE']!, find)).not.toEqual([]);
  });
});
