import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const usd = z.number().nonnegative();

const PRICES = z.strictObject({
  region: z.string(),
  currency: z.literal('USD'),
  /** Month the prices are of, `yyyy-mm`. */
  asOf: z.string().regex(/^\d{4}-\d{2}$/),
  source: z.string(),
  /** Per million metered units. */
  perMillion: z.strictObject({
    'dynamodb.write': usd,
    'dynamodb.read': usd,
    'dynamodb.stream-read': usd,
    'kms.symmetric': usd,
    'kms.asymmetric': usd,
    'sqs.request': usd,
    's3.put': usd,
    's3.get': usd,
    'eventbridge.event': usd,
    'iot.message': usd,
    'iot.rule': usd,
    'iot.registry': usd,
    'iot.connection-minute': usd,
    'lambda.request': usd,
    'lambda.gb-second': usd,
    'xray.trace': usd,
    'api.request': usd,
    'api.distributed': usd,
    'api.inspected': usd,
  }),
  perGbMonth: z.strictObject({ 'dynamodb.storage': usd, 'dynamodb.backup': usd, 's3.storage': usd }),
  perGb: z.strictObject({ 'logs.ingested': usd }),
  perMonth: z.strictObject({ 'kms.key': usd, 'logs.alarm': usd, 'logs.dashboard': usd, 'logs.metric': usd, 'cognito.user': usd }),
});

export type Prices = z.infer<typeof PRICES>;

/** What is billed by the million. */
export type BilledUnit = keyof Prices['perMillion'];

const TABLE = join(import.meta.dirname, 'prices.json');

/**
 * The price table. @param override file with the prices that differ, in the same shape; what it leaves out stays
 * @throws what names the entry that is none
 */
export function readPrices(override?: string): Prices {
  const table = JSON.parse(readFileSync(TABLE, 'utf8')) as Record<string, unknown>;
  const other = override === undefined ? {} : (JSON.parse(readFileSync(override, 'utf8')) as Record<string, unknown>);
  const parsed = PRICES.safeParse(merged(table, other));
  if (!parsed.success) throw new Error(`${override ?? TABLE} is no price table: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function merged(table: Record<string, unknown>, other: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(other).map(([name, value]) => {
    const own = table[name];
    return [name, isTable(own) && isTable(value) ? { ...own, ...value } : value];
  });
  return { ...table, ...Object.fromEntries(entries) };
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
