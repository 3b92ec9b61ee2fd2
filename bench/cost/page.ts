import { figure } from '../page.ts';
import { ASSUMED } from './assumptions.ts';
import type { Estimate, Line } from './estimate.ts';
import { goalsOf } from './goals.ts';
import type { Prices } from './prices.ts';
import { SERVICES, totalOf } from './pricing.ts';

export const PAGE = 'docs/cost.md';

/** All that the page shows. */
export interface Findings {
  /** For each interval, one estimate for each size of deployment. */
  readonly estimates: readonly Estimate[];
  /** The same day taken by two environments of the function in turn, USD per meter-year from publish to commit with storage. */
  readonly inTurn: { readonly intervalMinutes: number; readonly usd: number };
  /** Asymmetric key calls of one handshake. */
  readonly keyCallsPerHandshake: number;
  readonly prices: Prices;
}

/** Four significant digits, for sums of a tenth of a cent. */
export function usd(value: number): string {
  return value === 0 ? '0' : value.toPrecision(3).replace(/e-(\d)$/, 'e-0$1');
}

/** docs/cost.md, whole. */
export function pageOf({ estimates, inTurn, keyCallsPerHandshake, prices }: Findings): string {
  const intervals = [...new Set(estimates.map(({ intervalMinutes }) => intervalMinutes))];
  const ofInterval = (minutes: number) => estimates.filter(({ intervalMinutes }) => intervalMinutes === minutes);
  return `# What it costs on AWS

Written by \`npm run cost\`; not edited by hand. Prices of ${prices.region}, ${prices.asOf} (${prices.source}), from \`bench/cost/prices.json\`;
\`npm run cost -- --prices FILE\` takes others. USD of a meter and year.

${intervals.map((minutes) => sectionOf(minutes, ofInterval(minutes))).join('\n')}
## How it is counted
A day is played through the real functions: ${ASSUMED.metersPerConcentrator} meters of one concentrator, one reading a sealed frame, one batch an interval, after a day that warms up. What the
functions ask of their ports is counted in the units that AWS bills: items by started kilobyte, reads by started 4 KB and
strongly consistent, messages of queues by 64 KB and of the gateway by 5 KB, key calls one by one. Retries and throttled calls are not in it.

\`\`\`
publish to commit = (counted units x price + calls x price + seconds x memory x price + log bytes x price) x ${ASSUMED.daysPerYear} / ${ASSUMED.metersPerConcentrator}
telemetry         = bytes of a meter and day x ${ASSUMED.telemetryDays} x 12 x (storage + backup)
handshakes        = one handshake x ${ASSUMED.daysPerYear} / ${ASSUMED.epochDays}
connections       = ${ASSUMED.daysPerYear} x 1,440 minutes x price / ${ASSUMED.metersPerConcentrator}
whole deployment  = (keys x 12 x price + idle polls of the queues) / meters
\`\`\`

Assumed (\`bench/cost/assumptions.ts\`): a batch takes ${ASSUMED.ingestSeconds * 1_000} ms at ${ASSUMED.ingestMemoryMb} MB, a handshake ${ASSUMED.handshakeSeconds * 1_000} ms, an invocation logs ${ASSUMED.logBytesPerInvocation} bytes; every message is received and
deleted alone; one environment of the function takes all batches of a segment. Closing of days, projections, billing, the API and its
network, dashboards and alarms are not in it.

## The plain design
Every reading is a message of its own over the meter's own connection, a rule with its action, a function call (${ASSUMED.plainSeconds * 1_000} ms at ${ASSUMED.plainMemoryMb} MB), an item,
a key call and an event, by the same prices: ${intervals.map((minutes) => `${usd(ofInterval(minutes)[0]!.plainUsd)} at ${minutes} minutes`).join(', ')}.

## What drives it
- **Bytes of a reading.** A commit keeps ${figure(estimates[0]!.bytesPerReading)} bytes of each reading: the record, its place in the meter's hash chain, counter and epoch. They are paid twice,
  as write units and as four weeks of storage with its backup.
- **Key calls of a handshake.** ${figure(keyCallsPerHandshake)} asymmetric: it agrees the secret. ACCEPT is signed by a key of the day, which costs one call of a process and
  day, not in the table (docs/adr/0037-a-key-of-the-day-signs.md).
- **Environments.** When two environments of the function take the batches of a segment in turn, each folds what the other wrote, from the
  last checkpoint on: publish to commit with storage is then ${usd(inTurn.usd)} at ${inTurn.intervalMinutes} minutes. Reserved concurrency and few messages in flight keep it near the first number.
`;
}

function sectionOf(minutes: number, estimates: readonly Estimate[]): string {
  const [first] = estimates;
  const sizes = estimates.map(({ meters }) => `${meters.toLocaleString('en')} meters`);
  const rows = first!.lines.map(({ name }) => `| ${name} | ${estimates.map((one) => usd(totalOf(lineOf(one, name).bill))).join(' | ')} |`);
  const total = `| **together** | ${estimates.map((one) => `**${usd(one.totalUsd)}**`).join(' | ')} |`;
  const year = `| a year of all meters, USD | ${estimates.map((one) => figure(one.totalUsd * one.meters)).join(' | ')} |`;
  const services = SERVICES.map((service) => `| ${service} | ${estimates.map((one) => usd(ofService(one, service))).join(' | ')} |`);
  const goals = goalsOf(first!).map(
    ({ name, value, most, holds }) => `| ${name} | ${usd(value)} | ${most} | ${holds ? 'yes' : '**no**'} |`,
  );
  return `## Readings every ${minutes} minutes

| | ${sizes.join(' | ')} |
| --- |${sizes.map(() => ' ---: |').join('')}
${[...rows, total, year].join('\n')}

By service:

| | ${sizes.join(' | ')} |
| --- |${sizes.map(() => ' ---: |').join('')}
${services.join('\n')}

| goal | found | at most | holds |
| --- | ---: | ---: | --- |
${goals.join('\n')}

Per 1,000 readings ${figure(first!.apiCallsPer1000)} API calls and ${figure(first!.unitsPer1000)} metered units; key calls per frame ${usd(first!.keyCallsPerFrame)}: keys are opened by the quarter-hour, not by the frame.
`;
}

function lineOf({ lines }: Estimate, name: Line['name']): Line {
  return lines.find((line) => line.name === name)!;
}

function ofService({ lines }: Estimate, service: (typeof SERVICES)[number]): number {
  return lines.reduce((sum, { bill }) => sum + bill[service], 0);
}
