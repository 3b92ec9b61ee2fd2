import { setTimeout as wait } from 'node:timers/promises';
import { CUSTOMER_RATE } from '../../topology/route.ts';
import { Helper } from '../ipc.ts';
import type { Called, CallersAnswer, CallersRequest, SignedIn } from '../portal/protocol.ts';
import { broken, figures, latency, latencyOf, medianLatency, type Outcome } from './outcome.ts';
import type { Flood, SentBatch } from './protocol.ts';
import { Stage, type Theatre } from './stage.ts';

const FRAMES_PER_SECOND = 500;
const WARM_UP_SECONDS = 3;
const SECONDS = 10;
/** The flood is there first. */
const HEAD_START_MS = 500;
/** Honest clients wait at most so many times as long. */
const WITHIN = 2;
/** 19 of 20 streets are honest. */
const HONEST = [1, 19] as const;
const BAD = [20, 20] as const;

/** Devices of one street of twenty do it as fast as the gateway lets them, for as long as the calibration before took. */
export async function deviceFlood(theatre: Theatre, scenario: string, what: Flood): Promise<Outcome> {
  const stage = await Stage.open(theatre, scenario);
  try {
    const honest = await stage.devices(...HONEST);
    const bad = await stage.devices(...BAD);
    await stage.send(honest, FRAMES_PER_SECOND, WARM_UP_SECONDS);
    const before = await stage.send(honest, FRAMES_PER_SECOND, SECONDS);
    const start = await stage.standing();
    const [flood, during] = await Promise.all([
      stage.flood(bad, what, SECONDS + 1),
      wait(HEAD_START_MS).then(() => stage.send(honest, FRAMES_PER_SECOND, SECONDS)),
    ]);
    const drained = await stage.drained();
    const standing = await stage.standing();
    const lookups = standing.meterLookups - start.meterLookups;
    const counted = await stage.count();
    const latencies = { before: latencyOf(before, counted), during: latencyOf(during, counted) };
    const faults = broken(counted, standing, drained, { within: WITHIN }, latencies);
    if (what === 'unknown' && lookups > flood.frames / 100) faults.push(`${lookups} look-ups for ${flood.frames} frames of unknown meters`);
    const told: Readonly<Record<Flood, string>> = {
      meters: `100 of 2,000 meters send ${flood.frames.toLocaleString('en')} frames in ${SECONDS + 1} s`,
      unknown: `${flood.frames.toLocaleString('en')} frames of meters nobody knows in ${SECONDS + 1} s; ${lookups} look-ups of a meter meanwhile`,
      handshakes: `${flood.messages.toLocaleString('en')} HELLOs with a stranger's signature in ${SECONDS + 1} s`,
    };
    return { scenario, done: told[what], ...figures(counted), ...latencies, drained, broken: faults };
  } finally {
    await stage.close();
  }
}

const CLIENTS = 50;
const CUSTOMERS = 8;
/** Less than a customer may ask. */
const HONEST_PER_SECOND = 16;
const LOOKS = [
  { name: 'points', path: '/v1/me/points', often: 1 },
  { name: 'today', path: '/v1/me/points/{point}/today', often: 1 },
] as const;

/** First the clients use up what a customer may ask at once; what they do to others is measured behind that. */
const BURST_MS = 8_000;
const GREEDY_SECONDS = BURST_MS / 1000 + SECONDS;
/** Calm, then the flood, and again: of a hundred and sixty calls the second slowest is the 99th percentile, and the machine has others on it. */
const ROUNDS = 3;
/** Of all clients, a customer each, over all routes. @param seconds since the first of them asked */
const allowed = (seconds: number) => CLIENTS * (CUSTOMER_RATE.burst + (CUSTOMER_RATE.perMinute / 60) * (seconds + 1));

interface Round {
  readonly frames: readonly SentBatch[];
  readonly calm: readonly Called[];
  readonly flood: readonly Called[];
  readonly framesDuring: readonly SentBatch[];
  readonly stormy: readonly Called[];
}

type Callers = Helper<CallersRequest, CallersAnswer>;

/** Fifty signed-in clients ask as fast as they are answered; customers beside them, and ingest, are to notice little. */
export async function portalFlood(theatre: Theatre, scenario: string): Promise<Outcome> {
  const stage = await Stage.open(theatre, scenario);
  const [honest, greedy]: Callers[] = [new Helper('./portal/callers-process.ts'), new Helper('./portal/callers-process.ts')];
  try {
    const devices = await stage.devices(...HONEST);
    const customers = await signIn(stage, honest!, 0, CUSTOMERS);
    const clients = await signIn(stage, greedy!, CUSTOMERS, CLIENTS);
    const ask = async (callers: Callers, sessions: readonly SignedIn[], perSecond: number, seconds: number) => {
      const { door, ca } = stage.served;
      return (await callers.ask({ type: 'call', door, ca, sessions, mix: LOOKS, perSecond, seconds }, 'called')).calls;
    };
    await ask(honest!, customers, HONEST_PER_SECOND, WARM_UP_SECONDS);
    await stage.send(devices, FRAMES_PER_SECOND, WARM_UP_SECONDS);
    const rounds: Round[] = [];
    const began = performance.now();
    for (let round = 0; round < ROUNDS; round++) {
      const [frames, calm] = await Promise.all([
        stage.send(devices, FRAMES_PER_SECOND, SECONDS),
        ask(honest!, customers, HONEST_PER_SECOND, SECONDS),
      ]);
      const [flood, framesDuring, stormy] = await Promise.all([
        ask(greedy!, clients, Number.POSITIVE_INFINITY, GREEDY_SECONDS),
        wait(BURST_MS).then(() => stage.send(devices, FRAMES_PER_SECOND, SECONDS)),
        wait(BURST_MS).then(() => ask(honest!, customers, HONEST_PER_SECOND, SECONDS)),
      ]);
      rounds.push({ frames, calm, flood, framesDuring, stormy });
    }
    const seconds = (performance.now() - began) / 1000;
    const drained = await stage.drained();
    const standing = await stage.standing();
    const counted = await stage.count();
    const ingest = {
      before: medianLatency(rounds.map(({ frames }) => latencyOf(frames, counted))),
      during: medianLatency(rounds.map(({ framesDuring }) => latencyOf(framesDuring, counted))),
    };
    const latencies = {
      before: medianLatency(rounds.map(({ calm }) => latency(calm.map(waited)))),
      during: medianLatency(rounds.map(({ stormy }) => latency(stormy.map(waited)))),
    };
    const faults = broken(counted, standing, drained, { within: WITHIN }, latencies);
    faults.push(
      ...broken(counted, standing, drained, { within: WITHIN }, ingest)
        .filter((fault) => fault.startsWith('honest'))
        .map((fault) => `ingest: ${fault}`),
    );
    const flood = rounds.flatMap((round) => round.flood);
    const refused = flood.filter(({ status }) => status === 429).length;
    const served = flood.filter(({ status }) => status === 200).length;
    const share = Math.ceil(allowed(seconds));
    if (served > share) faults.push(`${served} calls of the flood answered, ${share} are its share`);
    const wrong = rounds.flatMap(({ calm, stormy }) => [...calm, ...stormy]).filter(({ status }) => status !== 200).length;
    if (wrong > 0) faults.push(`${wrong} calls of honest customers not answered 200`);
    const done = `${CLIENTS} clients make ${flood.length.toLocaleString('en')} calls in ${ROUNDS} times ${GREEDY_SECONDS} s, ${refused.toLocaleString('en')} of them answered 429`;
    return { scenario, done, ...figures(counted), ...latencies, drained, broken: faults };
  } finally {
    await honest!.end();
    await greedy!.end();
    await stage.close();
  }
}

function waited({ elapsed }: Called): number {
  return elapsed;
}

async function signIn(stage: Stage, callers: Callers, first: number, browsers: number): Promise<readonly SignedIn[]> {
  const { thumbprints } = await callers.ask({ type: 'keys', browsers }, 'keys');
  const homes = stage.town.homes.slice(first, first + browsers);
  return (await stage.service.ask({ type: 'sign-in', homes, thumbprints }, 'signed-in')).sessions;
}
