import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { poison, receiverDown } from './consumers.ts';
import { deviceFlood, portalFlood } from './floods.ts';
import { clockJumps, diskFull, killed, type Outage, outage } from './outages.ts';
import type { Outcome } from './outcome.ts';
import { PAGE, pageWith, table } from './page.ts';
import { openTheatre, type Theatre } from './stage.ts';

const HELP = `npm run chaos                  plays every scenario, prints one table and writes it into ${PAGE}
npm run chaos -- --only NAME   that one; may be repeated; writes no page
npm run chaos -- --list        the names, and what is done
npm run chaos -- --json        one array of outcomes on standard output
npm run chaos -- --help

Everything stays on this machine, on loopback and in a temporary folder. The exit code is 1 when a promise broke, 2 for wrong arguments.
`;

interface Scenario {
  readonly what: string;
  readonly play: (theatre: Theatre, name: string) => Promise<Outcome>;
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'flood-devices': { what: 'five in a hundred meters send at full speed', play: (theatre, name) => deviceFlood(theatre, name, 'meters') },
  'flood-unknown': { what: 'frames of meters that nobody knows', play: (theatre, name) => deviceFlood(theatre, name, 'unknown') },
  'flood-handshakes': {
    what: 'HELLOs with signatures that do not hold',
    play: (theatre, name) => deviceFlood(theatre, name, 'handshakes'),
  },
  'flood-portal': { what: 'fifty signed-in clients at full speed', play: portalFlood },
  'keys-throttled': outageOf('the key service answers one call in four', {
    part: 'keyService',
    trouble: { kind: 'throttled', oneIn: 4 },
    arrivals: true,
    done: 'one call in four answered',
  }),
  'keys-down': outageOf('the key service answers nothing', {
    part: 'keyService',
    trouble: { kind: 'down' },
    arrivals: true,
    done: 'no call answered',
  }),
  'store-slow': outageOf('the event store takes 100 ms more for each call', {
    part: 'store',
    trouble: { kind: 'slow', ms: 100 },
    done: 'each call 100 ms longer',
  }),
  'store-down': outageOf('the event store answers nothing', { part: 'store', trouble: { kind: 'down' }, done: 'no call answered' }),
  'bus-down': outageOf('the event bus takes nothing', { part: 'bus', trouble: { kind: 'down' }, done: 'no event taken' }),
  'receiver-down': { what: 'a receiver of webhooks is down for a day and catches up', play: receiverDown },
  killed: { what: 'the service is killed every five seconds for a minute', play: killed },
  'disk-full': { what: 'no file can grow', play: diskFull },
  'clock-jumps': { what: 'the clock jumps by two hours and by 400 days, both ways', play: clockJumps },
  poison: { what: 'a record that no handler survives, in every kind of consumer', play: poison },
};

try {
  await main();
} catch (error) {
  process.stderr.write(`chaos: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof TypeError ? 2 : 1;
}

async function main(): Promise<void> {
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true }, list: flag, json: flag, help: flag } });
  if (values.help) return void process.stdout.write(HELP);
  if (values.list)
    return void process.stdout.write(
      Object.entries(SCENARIOS)
        .map(([name, { what }]) => `${name.padEnd(18)}${what}\n`)
        .join(''),
    );
  const names = values.only ?? Object.keys(SCENARIOS);
  const unknown = names.find((name) => !(name in SCENARIOS));
  if (unknown !== undefined) throw new TypeError(`no scenario is named ${unknown}; there are ${Object.keys(SCENARIOS).join(', ')}`);
  const started = performance.now();
  const outcomes = await playAll(names);
  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  process.stdout.write(values.json ? `${JSON.stringify(outcomes, null, 2)}\n` : table(outcomes));
  process.stderr.write(`${outcomes.length} scenarios in ${minutes} minutes\n`);
  if (values.only === undefined) {
    const path = join(import.meta.dirname, '..', '..', PAGE);
    writeFileSync(path, pageWith(readFileSync(path, 'utf8'), outcomes, minutes));
  }
  if (outcomes.some(({ broken }) => broken.length > 0)) process.exitCode = 1;
}

async function playAll(names: readonly string[]): Promise<Outcome[]> {
  process.stderr.write('enrolling 2,000 meters ...\n');
  const theatre = await openTheatre();
  const outcomes: Outcome[] = [];
  try {
    for (const [n, name] of names.entries()) {
      process.stderr.write(`${n + 1} of ${names.length}  ${name}: ${SCENARIOS[name]!.what} ...\n`);
      outcomes.push(await SCENARIOS[name]!.play(theatre, name).catch((error: unknown) => unplayed(name, error)));
      for (const fault of outcomes.at(-1)!.broken) process.stderr.write(`  BROKEN: ${fault}\n`);
    }
    return outcomes;
  } finally {
    rmSync(theatre.folder, { recursive: true, force: true });
  }
}

function outageOf(what: string, how: Outage): Scenario {
  const long = 'for ten minutes of the service, sixty times as fast';
  return { what: `${what}, ${long}`, play: (theatre, name) => outage(theatre, name, how) };
}

/** A scenario that could not be played to its end has shown nothing. */
function unplayed(scenario: string, error: unknown): Outcome {
  const fault = `not played to its end: ${error instanceof Error ? error.message : String(error)}`;
  const nothing = { offered: 0, accepted: 0, setAside: 0, lost: 0, twice: 0, drained: Number.POSITIVE_INFINITY };
  return { scenario, done: SCENARIOS[scenario]!.what, ...nothing, broken: [fault] };
}
