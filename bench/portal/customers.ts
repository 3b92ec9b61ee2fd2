import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LARGE_PAGES } from '../../bin/terminal/large-pages.ts';
import { addDays, addMonths } from '../../domain/tariff/dates.ts';
import { CUSTOMER_RATE } from '../../topology/route.ts';
import { Helper } from '../ipc.ts';
import { atLeast, atMost, percentile, type Result } from '../measure.ts';
import { PRICE_ZONE } from './homes.ts';
import type { Asked, Called, CallersAnswer, CallersRequest, PortalAnswer, PortalRequest } from './protocol.ts';

const METERS = 5_000;
const PER_SECOND = 200;
/** 13 months of quarter-hours each; a browser each, and as many as may ask for so much together. */
const HOMES = Math.ceil((PER_SECOND * 60) / CUSTOMER_RATE.perMinute);
/** What 3.6 million meters send that report once an hour; the same as publishing to the audiences is measured at. */
const FRAMES_PER_SECOND = 1_000;
const WARM_UP_SECONDS = 5;
const SERVICE = { execArgv: ['--max-semi-space-size=64'], env: LARGE_PAGES };

export type ServiceHelper = Helper<PortalRequest, PortalAnswer>;
type CallersHelper = Helper<CallersRequest, CallersAnswer>;

/** What a round of a customer's looks is made of. @param today local date */
function mixOf(today: string): readonly Asked[] {
  const point = '/v1/me/points/{point}';
  const usage = (resolution: string, from: string, until: string) => `${point}/usage?resolution=${resolution}&from=${from}&until=${until}`;
  const yesterday = addDays(today, -1);
  const month = addMonths(`${today.slice(0, 8)}01`, -1);
  return [
    { name: 'points', path: '/v1/me/points', often: 2 },
    { name: 'today', path: `${point}/today`, often: 4 },
    { name: 'day', path: usage('hour', yesterday, today), often: 2 },
    { name: 'quarter-hours of a day', path: usage('interval', yesterday, today), often: 1 },
    { name: 'month', path: usage('day', month, addMonths(month, 1)), often: 3 },
    { name: 'year', path: usage('month', addMonths(month, -11), addMonths(month, 1)), often: 3 },
    { name: 'bill estimate', path: `${point}/bill-estimate`, often: 2 },
    { name: 'sharing', path: '/v1/me/sharing', often: 1 },
    { name: 'prices', path: `/v1/prices/${PRICE_ZONE}`, often: 2, isPublic: true },
  ];
}

/** Customers at the door of the service while frames are taken in: how long they wait, what they cost, and what they take from ingest. */
export async function customers(seconds: number): Promise<Result[]> {
  const stateDir = mkdtempSync(join(tmpdir(), 'joulekeep-bench-'));
  const service: ServiceHelper = new Helper('./portal/service-process.ts', SERVICE);
  const callers: CallersHelper = new Helper('./portal/callers-process.ts');
  try {
    const { door, ca, closed } = await service.ask({ type: 'boot', stateDir, homes: HOMES, meters: METERS, isShown: false }, 'booted');
    process.stderr.write(`  ${HOMES} homes with ${closed.days.toLocaleString('en')} days\n`);
    const { thumbprints } = await callers.ask({ type: 'keys', browsers: HOMES }, 'keys');
    const { sessions } = await service.ask({ type: 'sign-in', thumbprints }, 'signed-in');
    const call = { type: 'call', ca, sessions, mix: mixOf(closed.until), perSecond: PER_SECOND } as const;
    const ask = async (at: string, during: number) => (await callers.ask({ ...call, door: at, seconds: during }, 'called')).calls;
    await service.ask({ type: 'seal', seconds: 2, framesPerSecond: FRAMES_PER_SECOND }, 'sealed');
    await service.ask({ type: 'ingest' }, 'ingested');
    checked(await ask(door, WARM_UP_SECONDS));
    return await measured(service, ask, { door, seconds });
  } finally {
    await callers.end();
    await service.end();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** Ingest alone, then the same with customers beside it, then the bare server. */
async function measured(
  service: ServiceHelper,
  ask: (door: string, seconds: number) => Promise<readonly Called[]>,
  { door, seconds }: { readonly door: string; readonly seconds: number },
): Promise<Result[]> {
  const seal = () => service.ask({ type: 'seal', seconds, framesPerSecond: FRAMES_PER_SECOND }, 'sealed');
  await seal();
  const alone = await weighed(service, () => ingest(service, seconds));
  await seal();
  const both = await weighed(service, async () => {
    const [ingested, calls] = await Promise.all([ingest(service, seconds), ask(door, seconds)]);
    return { ingested, calls: checked(calls) };
  });
  const { calls, ingested } = both.did;
  const bytes = Math.round(calls.reduce((sum, one) => sum + one.bytes, 0) / calls.length);
  const { door: bareDoor } = await service.ask({ type: 'bare', bytes }, 'bare');
  checked(await ask(bareDoor, 2));
  const bare = await weighed(service, () => ask(bareDoor, seconds));
  const cost = ((both.cpuSeconds - alone.cpuSeconds) / calls.length) * 1_000;
  const bareCost = (bare.cpuSeconds / checked(bare.did).length) * 1_000;
  const elapsed = calls.map((one) => one.elapsed);
  const named = `customers, ${PER_SECOND} requests/s beside ${FRAMES_PER_SECOND.toLocaleString('en')} frames/s`;
  return [
    atMost(`${named}, p99`, percentile(elapsed, 99), 'ms', 100),
    { name: `${named}, median`, value: percentile(elapsed, 50), unit: 'ms' },
    { name: 'a request of customers, processor time', value: cost, unit: 'ms' },
    { name: 'bare answer of as many bytes with its proof verified, processor time', value: bareCost, unit: 'ms' },
    { name: 'a request of customers to the bare answer', value: cost / bareCost, unit: 'ratio' },
    {
      name: 'bare answers, p99',
      value: percentile(
        bare.did.map((one) => one.elapsed),
        99,
      ),
      unit: 'ms',
    },
    atLeast('ingest beside customers to ingest alone', ingested / alone.did, 'ratio', 0.9),
    { name: 'ingest beside customers', value: ingested * 4, unit: 'readings/s' },
    ...byName(calls),
  ];
}

function byName(calls: readonly Called[]): Result[] {
  return [...Map.groupBy(calls, ({ name }) => name)].map(([name, some]) => ({
    ...{
      name: `customers: ${name}, p99`,
      value: percentile(
        some.map(({ elapsed }) => elapsed),
        99,
      ),
      unit: 'ms',
    },
  }));
}

async function ingest(service: ServiceHelper, seconds: number): Promise<number> {
  const { frames, seconds: took } = await service.ask({ type: 'ingest' }, 'ingested');
  return frames / Math.max(took, seconds);
}

async function weighed<T>(service: ServiceHelper, work: () => Promise<T>): Promise<{ readonly did: T; readonly cpuSeconds: number }> {
  const before = await service.ask({ type: 'weigh' }, 'weighed');
  const did = await work();
  const after = await service.ask({ type: 'weigh' }, 'weighed');
  return { did, cpuSeconds: after.cpuSeconds - before.cpuSeconds };
}

/** A number counts only when everybody was answered. */
function checked(calls: readonly Called[]): readonly Called[] {
  const refused = calls.find(({ status }) => status !== 200);
  if (refused !== undefined) throw new Error(`benchmark: ${refused.name} was answered with ${refused.status}`);
  return calls;
}
