import { figure } from '../page.ts';
import { ASSUMED } from './assumptions.ts';
import type { Estimate, Line } from './estimate.ts';
import { goalsOf, HANDSHAKES_USD } from './goals.ts';
import type { Prices } from './prices.ts';
import { SERVICES, totalOf } from './pricing.ts';

export const PAGE = 'docs/cost.md';

/** All that the page shows. */
export interface Findings {
  /** For each interval, one estimate for each size of deployment. */
  readonly estimates: readonly Estimate[];
  /** The smallest deployment at each interval, with all functions tracing. */
  readonly traced: readonly Estimate[];
  /** The same day taken by two environments of the function in turn, USD per meter-year from publish to commit with storage. */
  readonly inTurn: { readonly intervalMinutes: number; readonly usd: number };
  /** Calls of the key service for the same day with half as many frames in a batch. */
  readonly keyCallsOfHalf: number;
  /** Asymmetric key calls of one handshake. */
  readonly keyCallsPerHandshake: number;
  readonly prices: Prices;
}

/** Four significant digits, for sums of a tenth of a cent. */
export function usd(value: number): string {
  return value === 0 ? '0' : value.toPrecision(3).replace(/e-(\d)$/, 'e-0$1');
}

/** docs/cost.md, whole. */
export function pageOf(findings: Findings): string {
  const { estimates, prices } = findings;
  const intervals = [...new Set(estimates.map(({ intervalMinutes }) => intervalMinutes))];
  const ofInterval = (minutes: number) => estimates.filter(({ intervalMinutes }) => intervalMinutes === minutes);
  return `# What it costs on AWS

Written by \`npm run cost\`; not edited by hand. Prices of ${prices.region}, ${prices.asOf} (${prices.source}), from \`bench/cost/prices.json\`;
\`npm run cost -- --prices FILE\` takes others. USD of a meter and year.

${intervals.map((minutes) => sectionOf(minutes, ofInterval(minutes))).join('\n')}
${COUNTED}
## The plain design
Every reading is a message of its own over the meter's own connection, a rule with its action, a function call (${ASSUMED.plainSeconds * 1_000} ms at ${ASSUMED.plainMemoryMb} MB), an item,
a key call and an event, by the same prices and without traces: ${intervals.map((minutes) => `${usd(ofInterval(minutes)[0]!.plainUsd)} at ${minutes} minutes`).join(', ')}.

${driversOf(findings)}`;
}

const COUNTED = `## How it is counted
A day is played through the real functions on the real adapters of \`platform/aws\`, with services in memory behind the clients of the SDK
(\`test/aws/services/support/aws-world.ts\`): ${ASSUMED.metersPerConcentrator} meters of one concentrator, one reading a sealed frame, one batch an interval, after a day that warms up. Each adapter counts its
requests in the units that AWS bills: a write by started kilobytes of the larger of what was there and what is, a read by started 4 KB
of whole items, strongly consistent; entries of the index; messages of queues by 64 KB and of the gateway by 5 KB; key calls one by one. What no
adapter sees is added: the rule and its action, the queue's send, receive and delete. Basic Ingest makes the publish free, and the event
source reads the change stream for nothing. Retries and throttled calls are not in it.

\`\`\`
publish to commit   = (counted units x price + calls x price + seconds x memory x price + log bytes x price) x ${ASSUMED.daysPerYear} / ${ASSUMED.metersPerConcentrator}
telemetry, 28 days  = 12 x (bytes of a day in the table x ${ASSUMED.telemetryDays} x (storage + backup) + bytes of a day in objects x (${ASSUMED.telemetryDays} + ${ASSUMED.keptDays}) x storage) / ${ASSUMED.metersPerConcentrator}
telemetry taken out = what retention counts for a day: each commit read twice, an empty item put over it, its body deleted; x ${ASSUMED.daysPerYear} / ${ASSUMED.metersPerConcentrator}
handshakes          = one handshake x ${ASSUMED.daysPerYear} / ${ASSUMED.epochDays}
read models         = what the projection counts for a day x ${ASSUMED.daysPerYear} / ${ASSUMED.metersPerConcentrator} + 12 x their bytes of ${ASSUMED.telemetryDays} days x (storage + backup)
customers look      = ${ASSUMED.visitsPerDay} visits a day x ${ASSUMED.requestsPerVisit} requests x (distribution + wall + API + function + ${ASSUMED.requestReads} reads + ${ASSUMED.requestWrites} writes + a trace) x ${ASSUMED.daysPerYear}
customers sign in   = 12 x ${ASSUMED.signInsPerMonth} of homes x a monthly active user, of the Essentials plan, the free ones not counted, + ${ASSUMED.signInsOfOne} sign-ins x (${ASSUMED.signInReads} reads + ${ASSUMED.signInWrites} writes + ${ASSUMED.signInKeyCalls} key calls)
connections         = ${ASSUMED.daysPerYear} x 1,440 minutes x price / ${ASSUMED.metersPerConcentrator}
whole deployment    = 12 x (keys, alarms, dashboards, metrics) x price + idle polls of the queues + ${ASSUMED.keyDutyCalls} key calls an hour that look after keys, over all meters
\`\`\`

Assumed (\`bench/cost/assumptions.ts\`): a batch takes ${ASSUMED.ingestSeconds * 1_000} ms at ${ASSUMED.ingestMemoryMb} MB, its place in the read models ${ASSUMED.projectSeconds * 1_000} ms, a handshake ${ASSUMED.handshakeSeconds * 1_000} ms; an
invocation logs ${ASSUMED.logBytesPerInvocation} bytes; every message is received and deleted alone; one environment of a function serves this one concentrator, so
what an environment asks for by the quarter-hour is paid by ${ASSUMED.metersPerConcentrator} meters (a fleet's environments share it). ${ASSUMED.alarms} alarms, ${ASSUMED.dashboards} dashboards, ${ASSUMED.metrics} metrics.
Only functions that answer customers begin a trace ([ADR 42](adr/0042-only-requests-begin-a-trace.md)): what tracing everything costs is told below.
What customers ask for is played nowhere: a request takes ${ASSUMED.requestSeconds * 1_000} ms, and how often they come is assumed.
Objects are encrypted under a bucket key, whose few calls are not counted. Closing of days, billing, archives of days, bytes to browsers,
private doors and what stands there whether or not anybody comes (web ACLs, load balancers, the link) are not in it.
`;

function driversOf({ estimates, traced, inTurn, keyCallsOfHalf, keyCallsPerHandshake }: Findings): string {
  const [first] = estimates;
  const { bytesPerReading, keyCallsOfDay, handshakeKeysUsd, handshakesUsd, meters } = first!;
  return `## What drives it
- **Bytes of a reading**: ${figure(bytesPerReading)} are kept, its record, header, tag and place in the meter's hash chain. In items they would be paid as write
  units when they come and again when they go; as objects they cost one put a batch
  ([ADR 41](adr/0041-large-bodies-are-objects.md)).
- **The way in**: rule, action and queue are paid by size, and base64 makes four bytes of three.
- **Keys of readings**: none is opened for a frame. The day above asks the key service ${keyCallsOfDay} times, with half as many frames in a batch ${keyCallsOfHalf}
  times: a segment's key is opened again when an hour has passed, others after a quarter of one.
- **A handshake**: the key service agrees the secret, ${figure(keyCallsPerHandshake)} asymmetric call a week at list price: ${usd(handshakeKeysUsd)}. The goal was set for that call, and
  it holds for it. All in a handshake is ${usd(handshakesUsd)}, and cannot be below the goal: what is left of it beside that call, ${usd(HANDSHAKES_USD - handshakeKeysUsd)}, is less than the way in through
  the queue costs alone. The rest is ${restOf(first!)}. Of the key service it also has the opened key of
  the shard, once in a quarter of an hour: the more often the fewer handshakes share it, and counted here at one handshake in ten seconds.
  ACCEPT is signed by a key of the day, which costs one call of a process and day, not in the table ([ADR 37](adr/0037-a-key-of-the-day-signs.md)).
- **Traces**: with \`tracing\` of the stage at \`everything\`, Lambda takes the first call of a second and ${ASSUMED.tracedShareOfOthers * 100} % of the others, and no sampling rule changes that.
  A small deployment, whose calls seldom share a second, then pays for a trace of each: of ${meters.toLocaleString('en')} meters publish to commit with storage is
  ${traced.map((one) => `${usd(one.ingestUsd)} at ${one.intervalMinutes} minutes`).join(' and ')}, a handshake ${usd(traced[0]!.handshakesUsd)}.
- **Environments**: when two environments of the function take the batches of a segment in turn, each reads what the other wrote: publish to
  commit with storage is then ${usd(inTurn.usd)} at ${inTurn.intervalMinutes} minutes. Few messages in flight keep it near the first number.
`;
}

/** What a handshake costs beside the one call that agrees: services, the dearest first. */
function restOf(one: Estimate): string {
  const { bill } = lineOf(one, 'handshakes');
  const rest = { ...bill, kms: bill.kms - one.handshakeKeysUsd };
  const dear = SERVICES.filter((service) => rest[service] > 0).toSorted((a, b) => rest[b] - rest[a]);
  return dear.map((service) => `${service} ${usd(rest[service])}`).join(', ');
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

Goals, at ${sizes[0]}:

| goal | found | at most | holds |
| --- | ---: | ---: | --- |
${goals.join('\n')}

Per 1,000 readings, from publish to commit: ${figure(first!.apiCallsPer1000)} API calls and ${figure(first!.unitsPer1000)} metered units; key calls per frame: 0.

Per 1,000 readings, to take them out again: ${figure(first!.takingOutCallsPer1000)} API calls more.
`;
}

function lineOf({ lines }: Estimate, name: Line['name']): Line {
  return lines.find((line) => line.name === name)!;
}

function ofService({ lines }: Estimate, service: (typeof SERVICES)[number]): number {
  return lines.reduce((sum, { bill }) => sum + bill[service], 0);
}
