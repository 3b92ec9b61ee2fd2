import type { Counted, OperationKind } from '../../platform/aws/operations.ts';
import { ASSUMED } from './assumptions.ts';
import type { BilledUnit, Prices } from './prices.ts';

/** Billable operations by kind, as `OperationCounts` gives them. */
export type Counts = ReadonlyMap<OperationKind, Readonly<Counted>>;

/** Work of a function: how often, how long, how much memory. */
export interface FunctionWork {
  readonly invocations: number;
  readonly seconds: number;
  readonly memoryMb: number;
  readonly logBytes: number;
  /** Of its invocations, 0 to 1. */
  readonly tracedShare: number;
}

/** USD by service, in the order of the bill. */
export type Bill = Readonly<Record<Service, number>>;

export const SERVICES = ['iot', 'sqs', 'lambda', 'dynamodb', 'kms', 's3', 'eventbridge', 'logs', 'xray', 'api', 'cognito'] as const;
export type Service = (typeof SERVICES)[number];

const GB = 1e9;
const SECONDS_OF_DAY = 86_400;

/** @returns a bill without anything on it */
export function emptyBill(): Record<Service, number> {
  return { iot: 0, sqs: 0, lambda: 0, dynamodb: 0, kms: 0, s3: 0, eventbridge: 0, logs: 0, xray: 0, api: 0, cognito: 0 };
}

/** Price of metered units, USD. */
export function priceOf(unit: BilledUnit, units: number, prices: Prices): number {
  return (units * prices.perMillion[unit]) / 1e6;
}

/** Units times price of each kind, under the service that bills it. */
export function billOf(counts: Counts, prices: Prices): Record<Service, number> {
  const bill = emptyBill();
  for (const [kind, { units }] of counts) bill[serviceOf(kind)] += priceOf(kind, units, prices);
  return bill;
}

/** A function's calls, seconds times memory, what it logs, and its traces. */
export function functionBill(work: FunctionWork, prices: Prices): Record<Service, number> {
  const bill = emptyBill();
  bill.lambda += priceOf('lambda.request', work.invocations, prices);
  bill.lambda += priceOf('lambda.gb-second', work.seconds * (work.memoryMb / 1_024), prices);
  bill.logs += (work.logBytes / GB) * prices.perGb['logs.ingested'];
  bill.xray += priceOf('xray.trace', work.invocations * work.tracedShare, prices);
  return bill;
}

/**
 * Share of a function's calls that are traced, at most: the first of each second, as if they came one by one, and a share of the others.
 * @param callsOfDay of all meters @returns 0 to 1
 */
export function tracedShare(callsOfDay: number): number {
  const first = Math.min(callsOfDay, SECONDS_OF_DAY);
  return (first + (callsOfDay - first) * ASSUMED.tracedShareOfOthers) / callsOfDay;
}

/** A year of bytes that always lie in a table, with their continuous backup, USD. */
export function tableYear(bytes: number, prices: Prices): number {
  return (bytes / GB) * 12 * (prices.perGbMonth['dynamodb.storage'] + prices.perGbMonth['dynamodb.backup']);
}

/** A year of bytes that always lie in the object store, USD. */
export function objectYear(bytes: number, prices: Prices): number {
  return (bytes / GB) * 12 * prices.perGbMonth['s3.storage'];
}

export function sumOf(...bills: readonly Bill[]): Record<Service, number> {
  const sum = emptyBill();
  for (const bill of bills) for (const service of SERVICES) sum[service] += bill[service];
  return sum;
}

export function times(bill: Bill, factor: number): Record<Service, number> {
  const product = emptyBill();
  for (const service of SERVICES) product[service] = bill[service] * factor;
  return product;
}

/** All of a bill, USD. */
export function totalOf(bill: Bill): number {
  return SERVICES.reduce((total, service) => total + bill[service], 0);
}

function serviceOf(kind: OperationKind): Service {
  return kind.slice(0, kind.indexOf('.')) as Service;
}
