import { verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { openDoors } from '../../bin/service/doors.ts';
import { install } from '../../bin/service/service.ts';
import { makeIngest } from '../../lambdas/ingest/handler.ts';
import { INGEST_LIMITS } from '../../lambdas/ingest/limits.ts';
import { makeProject } from '../../lambdas/project/handler.ts';
import { localDayAt } from '../../lambdas/shared/days/local-days.ts';
import { serverOptions } from '../../platform/embedded/https/server-options.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { Sessions } from '../../platform/ports/sessions.ts';
import { HOME, type SealedMeter, sealedTown, telemetryBody } from '../../test/support/sealed-town.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { API_LIMITS } from '../../topology/limits.ts';
import { answering } from '../ipc.ts';
import { enrolled, HOUR, hourOfMessages } from '../sealed-load.ts';
import { type BenchHome, closeDays, closedDates, openHomes, openPrices } from './homes.ts';
import type { PortalAnswer, PortalRequest, SignedIn } from './protocol.ts';

/** The service that customers ask, in a process of its own: doors, ingest, projections, and nothing else that works. */
const clock = { now: () => Date.now() };
const BATCH = 500;
const HOMES_RELAY = 'dc-homes';
/** Whole hours of the town's frames at most: they lie before now. */
const MOST_HOURS = 90;

let platform: Embedded;
let homes: readonly BenchHome[] = [];
let groups: SealedMeter[][] = [];
let firstHour = 0;
let hour = 0;
let sealed: string[] = [];
let framesPerSecond = 0;
const recorded = { messages: 0, at: 0 };

type Boot = Extract<PortalRequest, { type: 'boot' }>;

async function boot({ stateDir, homes: count, meters, isShown }: Boot): Promise<PortalAnswer> {
  platform = await createEmbeddedPlatform({ stateDir, clock, timer: false });
  const as = (principal: string) => platform.as(principal);
  await install(platform, clock);
  const telemetry = makeIngest(as('ingest'), ALL_DEFENCES, { limits: INGEST_LIMITS });
  const counting: typeof telemetry = Object.assign(async (...given: Parameters<typeof telemetry>) => {
    const response = await telemetry(...given);
    recorded.messages += given[0].Records.length - response.batchItemFailures.length;
    recorded.at = performance.now();
    return response;
  }, telemetry);
  await platform.host.start({ queues: { telemetry: counting }, feeds: { project: makeProject(as('project'), ALL_DEFENCES) } });
  const dates = closedDates(clock.now());
  await openPrices(as, clock.now());
  const own = await sealedTown(as, {
    meters: count,
    relays: [HOMES_RELAY],
    segmentSize: BATCH,
    at: clock.now() - 2 * 24 * HOUR,
    first: meters,
  });
  const meterIds = own.map(({ meterId }) => meterId);
  homes = await openHomes(as, meterIds, dates);
  let days = 0;
  for (const home of homes) days += await closeDays(as, home, dates);
  await measureToday(own);
  firstHour = Math.floor(clock.now() / HOUR) * HOUR - MOST_HOURS * HOUR;
  groups = meters === 0 ? [] : await enrolled(as, meters, firstHour);
  await platform.host.drain();
  const doors = await openDoors(platform, clock, {}, isShown ? { applications: {} } : {});
  const known = {
    name: 'bench-customer',
    passphrase: await platform.identity.add('bench-customer', { kind: 'customer', account: homes[0]!.account }),
  };
  return { type: 'booted', door: doors.customer.address, ca: platform.ca.rootPem, known, closed: { ...dates, days } };
}

/** What the homes used since midnight, by the hour, as frames. */
async function measureToday(meters: readonly SealedMeter[]): Promise<void> {
  const { start } = localDayAt(Math.floor(clock.now() / 1000), HOME.zone);
  for (let at = start * 1000 + HOUR, n = 1; at <= clock.now(); at += HOUR, n++) {
    const frames = meters.map((meter, i) => meter.reading(at, [100 + (i % 50), 120, 90, 110]));
    await platform.queues.send('telemetry', telemetryBody(HOMES_RELAY, at, n, frames));
  }
  await platform.host.drain();
}

async function signIn(thumbprints: readonly string[]): Promise<PortalAnswer> {
  const sessions = new Sessions({ ...platform.as('session'), wall: clock });
  const begun = thumbprints.map(async (keyThumbprint, n): Promise<SignedIn> => {
    const { account, usagePoint } = homes[n % homes.length]!;
    const person = {
      person: account,
      role: 'customer',
      keyThumbprint,
      signedInAt: clock.now(),
      method: 'passkey',
      device: 'bench',
    } as const;
    return { token: (await sessions.begin(person)).token, usagePoint };
  });
  return { type: 'signed-in', sessions: await Promise.all(begun) };
}

function seal(seconds: number): void {
  const messages = (seconds * framesPerSecond) / BATCH;
  sealed = [];
  while (sealed.length < messages) sealed.push(...hourOfMessages(groups, ++hour, firstHour));
  if (hour > MOST_HOURS) throw new Error('benchmark: the frames would lie in the future');
  sealed.length = messages;
}

async function ingest(): Promise<PortalAnswer> {
  const before = recorded.messages;
  const started = performance.now();
  for (const [n, body] of sealed.entries()) {
    await wait(Math.max(0, started + (n * BATCH * 1_000) / framesPerSecond - performance.now()));
    await platform.queues.send('telemetry', body);
  }
  await platform.host.drain();
  const messages = recorded.messages - before;
  if (messages !== sealed.length) throw new Error(`benchmark: ${messages} of ${sealed.length} messages recorded`);
  return { type: 'ingested', frames: messages * BATCH, seconds: (recorded.at - started) / 1_000 };
}

/** A server that checks the signature of a proof and answers: less than that is no customers' API. */
async function bare(bytes: number): Promise<PortalAnswer> {
  const body = Buffer.alloc(bytes, 'x');
  const server = createServer(serverOptions(platform.ca, API_LIMITS, ALL_DEFENCES), ({ headers }, response) => {
    const [head = '', payload = '', signature = ''] = String(headers['dpop'] ?? '').split('.');
    const status = head === '' || isSigned(head, payload, signature) ? 200 : 401;
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes });
    response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { type: 'bare', door: `https://localhost:${(server.address() as AddressInfo).port}` };
}

function isSigned(head: string, payload: string, signature: string): boolean {
  const { jwk } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { jwk: Record<string, string> };
  const key = { key: jwk, format: 'jwk', dsaEncoding: 'ieee-p1363' } as const;
  return verify('sha256', Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, 'base64url'));
}

async function handle(request: PortalRequest): Promise<PortalAnswer> {
  switch (request.type) {
    case 'boot':
      return await boot(request);
    case 'sign-in':
      return await signIn(request.thumbprints);
    case 'seal':
      framesPerSecond = request.framesPerSecond;
      seal(request.seconds);
      return { type: 'sealed' };
    case 'ingest':
      return await ingest();
    case 'bare':
      return await bare(request.bytes);
    default: {
      const { user, system } = process.cpuUsage();
      return { type: 'weighed', cpuSeconds: (user + system) / 1e6 };
    }
  }
}

answering(handle);
process.on('disconnect', () => {
  void platform?.close().finally(() => process.exit(0));
});
