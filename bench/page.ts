import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Result } from './measure.ts';

export const PAGE = 'docs/benchmarks.md';

/** docs/benchmarks.md, whole. */
export function pageOf(results: readonly Result[]): string {
  const rows = results.map(({ name, value, unit, goal, holds }) => {
    return `| ${name} | ${figure(value)} | ${unit} | ${goal ?? ''} | ${goal === undefined ? '' : holds ? 'yes' : '**no**'} |`;
  });
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  const machine = `${availableParallelism()} cores (${model}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
  return `# Benchmarks

Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${machine}. Rates of durable ingest are
medians over cycles of twenty hours of frames, in each of which every meter is answered once; growth's are totals over such cycles; the hot path's and its
calibration's are medians of rounds measured in turn; the whole service's rate is one total, its memory a peak. Each measurement has a process of its own, which runs with
\`--max-semi-space-size=64\`, as \`npm start\` does.

| what | value | unit | goal | holds |
| --- | ---: | --- | --- | --- |
${rows.join('\n')}

## What is measured

- **Hot path**: parse, key look-up, open, decode, checks, event encode of a batch, per frame, against nothing but node:crypto's AES-256-GCM
  open of the same bytes with the key object at hand. Not in it: the message's JSON, base64 and digest, and answers to meters, all of which
  durable ingest has. The commit's encryption and hash chain are the event store's lines.
- **Durable ingest**: queue messages with sealed batches of 500 frames of 4 readings, through the ingest handler to fsynced commits, on one thread.
  Its bound opens the same frames and commits as many bytes in the same groups, and does nothing else.
- **Growth**: durable ingest in towns of 1,000, 10,000 and 100,000 meters. The frames are sealed beforehand by another process; each town is taken in a
  process of its own that holds nothing else, the three in turn, after at least a day's (1,000 meters) or four hours' warm-up. An event holds what an
  hour brings, at most ten messages: two at 1,000 meters, which therefore share a flush between fewer. Processor time is the thread's inside the handler.
- **Validation**: every validation rule that judges a day, over made days of a home with a register at each slot, in one day's columns used again and
  again; putting the values in is measured in turn and taken off.
- **Closing**: days of 96 readings from the segment's commits to the fsynced commit of the meter day, each under the key of its own subject, by the same code
  as the hourly function: buckets, records, validation, outcome. The second day is measured, with no subject's key in memory. With verification
  also the signed seal, its order, and the hourly chain against every head that came; each day must come out verified and final before the number counts.
- **Audiences**: ten facts a second for each audience, from publishing to the handler of the queue by which it hears, through store, change feed, relay and bus, while 1,000
  sealed frames a second are taken in and projected in the same process; every fact must have arrived before the number counts.
- **Verify** (\`verify\`): what \`joulekeep verify\` does with a state of a million sealed commits of about 1 KiB in 64 streams and the log over them: every chain, every body opened,
  every entry, tile and checkpoint of the log, each commit against its entry. Beside it what the log itself takes: from the change feed to signed checkpoints, a thousand commits each.
- **Customers** (\`customers\`): 100 browsers, each with a key and a session of its own and connections that stay, in a process of its own, ask the HTTPS door of the
  embedded platform 200 times a second at an even pace, each request with a proof of its own: usage points, today, a day by the hour and by the quarter-hour, a month,
  a year, the estimate of the bill, sharing, signed prices. Each browser is that of a home with 13 months of closed quarter-hours. Beside them, in the process of the
  service, 1,000 frames a second of 5,000 meters are taken in and projected; ingest is measured without customers first. A request's time is counted from the moment
  it was due, whether or not the one before was answered. Processor time is the service's, less what the same ingest took alone. The calibration is a bare HTTPS
  server of the same process that checks the signature of a proof and answers with as many bytes: no session, no mark that the proof was used, nothing opened, nothing
  on record.
- **First view** (\`first-view\`): a home with 13 months of quarter-hours, in Chromium, with nothing in its caches and no service worker, of somebody who signed in
  before: from the address, through the silent way to the identity provider and back, to price and today's figures painted, and on to the year of the usage page, painted.
  The page itself takes the times and presses what leads to the year; a driver outside of it looks again only after up to half a second when a page has gone to another.
  Median of five, after one that does not count. Beside it the portal of somebody who is not signed in. Without Chromium a line says so and nothing is measured.
- **Whole service**: load generator (a process of its own), MQTT over mutual TLS, durable queue, ingest, store. All frames are checked to be recorded
  before the number counts; meters are answered in its warm-up, so regular answers are in durable ingest's numbers, not in these. Memory is the peak of the service's process at a steady 5,000 frames a second, 180 times the pace of 100,000 meters that
  send once an hour, run with \`keyObjects\` 4,096 (lambdas/ingest/limits.ts), Node's \`--max-semi-space-size=1 --max-old-space-size=88\` and glibc's \`MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=65536
  MALLOC_TRIM_THRESHOLD_=131072\`; without them the heap grows further before it is collected. Everything else
  is measured as \`npm start\` runs: with glibc's memory on large pages where the system has them (\`bin/terminal/large-pages.ts\`).
- **Restart** (\`restart\`): a service with a million commits of 1 KiB in a thousand streams goes on writing and is killed; from the start of the next process until
  gateway and doors are open, and until it has recorded a batch of 500 meters, whose segment and keys it has to load. Median of three, each on a copy of the files; code is kept compiled from one to the next, as \`joulekeep\` keeps it.
- **Rebuild** (\`rebuild\`): every read model made anew from the streams: ten million readings as telemetry, and ten million in closed days, each day under its subject's key.
  Processor time, because the goal is that of one core; what is waited for stable storage is not in it.
`;
}

/** Two decimals for small numbers, none for large ones. */
export function figure(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 100 ? 2 : 0 });
}
