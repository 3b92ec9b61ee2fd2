import { ASSUMED } from './assumptions.ts';
import { keyCallsOf, type Played, type PlayedDay } from './play.ts';
import type { Prices } from './prices.ts';
import {
  type Bill,
  billOf,
  type Counts,
  emptyBill,
  functionBill,
  objectYear,
  priceOf,
  sumOf,
  tableYear,
  times,
  totalOf,
  tracedShare,
} from './pricing.ts';

/** One line of the bill, USD of a meter and year. */
export interface Line {
  readonly name: LineName;
  readonly bill: Bill;
}

export type LineName =
  | 'publish to commit'
  | 'telemetry, 28 days'
  | 'telemetry taken out'
  | 'answers to meters'
  | 'connections'
  | 'handshakes'
  | 'read models'
  | 'customers look'
  | 'customers sign in'
  | 'whole deployment';

export interface Estimate {
  readonly meters: number;
  readonly intervalMinutes: number;
  readonly lines: readonly Line[];
  /** Publish to commit with the storage of what is committed and its end, USD of a meter and year. */
  readonly ingestUsd: number;
  readonly handshakesUsd: number;
  /** Of it, asymmetric key calls. */
  readonly handshakeKeysUsd: number;
  readonly totalUsd: number;
  /** From publish to commit. */
  readonly apiCallsPer1000: number;
  /** Of taking the readings out again. */
  readonly takingOutCallsPer1000: number;
  readonly unitsPer1000: number;
  /** Calls of the key service for a day of one concentrator's meters. */
  readonly keyCallsOfDay: number;
  readonly bytesPerReading: number;
  /** The plain design by the same prices, USD of a meter and year. */
  readonly plainUsd: number;
}

/** What is there whatever the number of meters. */
export interface Deployment {
  /** Keys of the key service, generations included. */
  readonly keys: number;
  readonly queues: number;
}

export interface Question {
  readonly meters: number;
  readonly intervalMinutes: number;
  readonly readings: PlayedDay;
  readonly handshakes: Played;
  readonly deployment: Deployment;
  readonly prices: Prices;
  /** Setting of the stage. */
  readonly tracing: 'requests' | 'everything';
}

/** Counts times prices, by line, for one meter and year. */
export function estimate({ meters, intervalMinutes, readings, handshakes, deployment, prices, tracing }: Question): Estimate {
  const tracedOf = (callsOfDay: number) => (tracing === 'everything' ? tracedShare(callsOfDay) : 0);
  const traced = tracedOf((readings.messages * meters) / readings.meters);
  const lines: Line[] = [
    { name: 'publish to commit', bill: perMeterYear(ingestDay(readings, traced, prices), readings.meters) },
    { name: 'telemetry, 28 days', bill: times(storage(readings, prices), 1 / readings.meters) },
    { name: 'telemetry taken out', bill: perMeterYear(billOf(readings.takenOut, prices), readings.meters) },
    { name: 'answers to meters', bill: perMeterYear(billOf(only(readings.counts, 'iot.message'), prices), readings.meters) },
    { name: 'connections', bill: { ...emptyBill(), iot: connection(prices) / ASSUMED.metersPerConcentrator } },
    { name: 'handshakes', bill: handshakeYear(handshakes, tracedOf(meters / ASSUMED.epochDays), prices) },
    {
      name: 'read models',
      bill: sumOf(perMeterYear(projectDay(readings, traced, prices), readings.meters), modelStorage(readings, prices)),
    },
    { name: 'customers look', bill: lookYear(prices) },
    { name: 'customers sign in', bill: signInYear(prices) },
    { name: 'whole deployment', bill: times(deploymentYear(deployment, prices), 1 / meters) },
  ];
  const usd = (name: LineName) => totalOf(lines.find((line) => line.name === name)!.bill);
  const commits = without(readings.counts, 'iot.message');
  return {
    meters,
    intervalMinutes,
    lines,
    ingestUsd: usd('publish to commit') + usd('telemetry, 28 days') + usd('telemetry taken out'),
    handshakesUsd: usd('handshakes'),
    handshakeKeysUsd:
      (totalOf(billOf(only(handshakes.counts, 'kms.asymmetric'), prices)) * ASSUMED.daysPerYear) / ASSUMED.epochDays / handshakes.items,
    totalUsd: totalOf(sumOf(...lines.map(({ bill }) => bill))),
    // The gateway's rule is no call of anybody.
    apiCallsPer1000: (1_000 * sum(without(commits, 'iot.rule'), 'calls')) / readings.items,
    takingOutCallsPer1000: (1_000 * sum(readings.takenOut, 'calls')) / readings.items,
    unitsPer1000: (1_000 * sum(commits, 'units')) / readings.items,
    keyCallsOfDay: keyCallsOf(readings),
    bytesPerReading: (readings.tableBytes + readings.objectBytes) / readings.items,
    plainUsd: plainYear(intervalMinutes, prices),
  };
}

function ingestDay(readings: Played, traced: number, prices: Prices): Bill {
  const { ingestSeconds, ingestMemoryMb, logBytesPerInvocation } = ASSUMED;
  const work = {
    invocations: readings.messages,
    seconds: readings.messages * ingestSeconds,
    memoryMb: ingestMemoryMb,
    logBytes: readings.messages * logBytesPerInvocation,
    tracedShare: traced,
  };
  return sumOf(billOf(without(readings.counts, 'iot.message'), prices), functionBill(work, prices));
}

/** Of all meters: what lies there at any time, and versions of bodies that were taken out. */
function storage({ tableBytes, objectBytes }: PlayedDay, prices: Prices): Bill {
  const { telemetryDays, keptDays } = ASSUMED;
  const s3 = objectYear(objectBytes * (telemetryDays + keptDays), prices);
  return { ...emptyBill(), dynamodb: tableYear(tableBytes * telemetryDays, prices), s3 };
}

function projectDay({ followed, messages }: PlayedDay, traced: number, prices: Prices): Bill {
  const { projectSeconds, projectMemoryMb, logBytesPerInvocation } = ASSUMED;
  const work = { invocations: messages, seconds: messages * projectSeconds, memoryMb: projectMemoryMb, tracedShare: traced };
  return sumOf(billOf(followed, prices), functionBill({ ...work, logBytes: messages * logBytesPerInvocation }, prices));
}

function modelStorage({ modelBytes, meters }: PlayedDay, prices: Prices): Bill {
  return { ...emptyBill(), dynamodb: tableYear((modelBytes / meters) * ASSUMED.telemetryDays, prices) };
}

function perMeterYear(day: Bill, meters: number): Bill {
  return times(day, ASSUMED.daysPerYear / meters);
}

/** A connection that is always up, USD a year. */
function connection(prices: Prices): number {
  return priceOf('iot.connection-minute', ASSUMED.daysPerYear * 24 * 60, prices);
}

function handshakeYear({ items, counts }: Played, traced: number, prices: Prices): Bill {
  const { handshakeSeconds, handshakeMemoryMb, logBytesPerInvocation } = ASSUMED;
  const work = {
    invocations: 1,
    seconds: handshakeSeconds,
    memoryMb: handshakeMemoryMb,
    logBytes: logBytesPerInvocation,
    tracedShare: traced,
  };
  const one = sumOf(times(billOf(counts, prices), 1 / items), functionBill(work, prices));
  return times(one, ASSUMED.daysPerYear / ASSUMED.epochDays);
}

function deploymentYear({ keys, queues }: Deployment, prices: Prices): Bill {
  const polls = queues * ASSUMED.pollsPerQueueMinute * ASSUMED.daysPerYear * 24 * 60;
  const { alarms, dashboards, metrics } = ASSUMED;
  const watching =
    alarms * prices.perMonth['logs.alarm'] + dashboards * prices.perMonth['logs.dashboard'] + metrics * prices.perMonth['logs.metric'];
  return {
    ...emptyBill(),
    kms: 12 * keys * prices.perMonth['kms.key'] + priceOf('kms.symmetric', ASSUMED.keyDutyCalls * 24 * ASSUMED.daysPerYear, prices),
    sqs: priceOf('sqs.request', polls, prices),
    logs: 12 * watching,
  };
}

/** By assumption alone: the user at the provider, and what each sign-in puts on record under a key of its person and month. */
function signInYear(prices: Prices): Bill {
  const { signInsPerMonth, signInsOfOne, signInReads, signInWrites, signInKeyCalls } = ASSUMED;
  const signIns = 12 * signInsPerMonth * signInsOfOne;
  return {
    ...emptyBill(),
    cognito: 12 * signInsPerMonth * prices.perMonth['cognito.user'],
    dynamodb: priceOf('dynamodb.read', signIns * signInReads, prices) + priceOf('dynamodb.write', signIns * signInWrites, prices),
    kms: priceOf('kms.symmetric', signIns * signInKeyCalls, prices),
  };
}

/** Requests of browsers through distribution, wall and API, by assumption alone: each begins a trace. */
function lookYear(prices: Prices): Bill {
  const {
    daysPerYear,
    visitsPerDay,
    requestsPerVisit,
    requestSeconds,
    requestMemoryMb,
    requestReads,
    requestWrites,
    logBytesPerInvocation,
  } = ASSUMED;
  const requests = daysPerYear * visitsPerDay * requestsPerVisit;
  const way = (['api.request', 'api.distributed', 'api.inspected'] as const).reduce(
    (sum, unit) => sum + priceOf(unit, requests, prices),
    0,
  );
  const rows = priceOf('dynamodb.read', requests * requestReads, prices) + priceOf('dynamodb.write', requests * requestWrites, prices);
  const work = {
    invocations: requests,
    seconds: requests * requestSeconds,
    memoryMb: requestMemoryMb,
    logBytes: requests * logBytesPerInvocation,
  };
  return sumOf({ ...emptyBill(), api: way, dynamodb: rows }, functionBill({ ...work, tracedShare: 1 }, prices));
}

/**
 * The plain design: every reading a message over the meter's own connection, a rule with its action, a function call, an item, a key
 * call and an event. USD of a meter and year.
 */
export function plainYear(intervalMinutes: number, prices: Prices): number {
  const { daysPerYear, plainSeconds, plainMemoryMb, plainItemBytes, telemetryDays } = ASSUMED;
  const readings = (daysPerYear * 24 * 60) / intervalMinutes;
  const units = [
    priceOf('iot.message', 1, prices),
    priceOf('iot.rule', 2, prices),
    priceOf('lambda.request', 1, prices),
    priceOf('lambda.gb-second', plainSeconds * (plainMemoryMb / 1_024), prices),
    priceOf('dynamodb.write', 1, prices),
    priceOf('kms.symmetric', 1, prices),
    priceOf('eventbridge.event', 1, prices),
  ];
  const stored = plainItemBytes * (readings / daysPerYear) * telemetryDays;
  return readings * units.reduce((total, unit) => total + unit, 0) + connection(prices) + tableYear(stored, prices);
}

function only(counts: Counts, kind: string): Counts {
  return new Map([...counts].filter(([name]) => name === kind));
}

function without(counts: Counts, kind: string): Counts {
  return new Map([...counts].filter(([name]) => name !== kind));
}

function sum(counts: Counts, of: 'calls' | 'units'): number {
  return [...counts.values()].reduce((total, counted) => total + counted[of], 0);
}
