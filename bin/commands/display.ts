import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Fetch } from '../../devices/home-display/follow.ts';
import { makePriceApi } from '../../lambdas/price-api/handler.ts';
import { fetchFrom, fetchFromHandler } from '../display/display-fetch.ts';
import { checkedProgram, commissionDisplay, openDisplayHome } from '../display/display-home.ts';
import type { Watch } from '../display/display-screen.ts';
import { withState } from '../service/state.ts';
import { UsageError } from '../terminal/fail.ts';
import { knownZone } from '../terminal/known-zone.ts';

interface DisplayCommandOptions {
  readonly state?: string;
  readonly home?: string;
  readonly url?: string;
  readonly zone: string;
  readonly program: readonly string[];
  readonly timeZone: string;
  readonly optOut: boolean;
  readonly once: boolean;
}

/** `joulekeep display`: a customer's display at a terminal. */
export function displayCommand(): Command {
  const ownZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return new Command('display')
    .description('follow the signed price of a zone as a customer’s display does: price now, next 24 hours, cheapest slot, events')
    .requiredOption('--zone <zone>', 'zone whose price is shown')
    .option('--state <dir>', 'state directory of a service that does not run; the display is commissioned on it, in <dir>/display')
    .option('--home <dir>', 'folder of a display that was commissioned')
    .option('--url <url>', 'customer door of the service that runs, as serve prints it')
    .option('--program <name>', 'program of demand response to take part in; for several, again', collected, [])
    .option('--opt-out', 'take part in no event', false)
    .option('--time-zone <name>', 'whose clock is on the wall', ownZone)
    .option('--once', 'show it once and end', false)
    .action(display);
}

function collected(name: string, before: readonly string[]): readonly string[] {
  return [...before, name];
}

async function display({ state, home, url, program: programs, ...rest }: DisplayCommandOptions): Promise<void> {
  const directory = home ?? (state === undefined ? undefined : join(state, 'display'));
  if (directory === undefined) throw new UsageError('where the display lives is missing: give --state DIR, or --home DIR with --url');
  const watch: Watch = { ...rest, programs };
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  if (url !== undefined) {
    const opened = checked(directory);
    const fetch = tellingWhenAway(fetchFrom(url, opened.ca), url);
    await (await screen()).watchPrice(opened, fetch, watch, interrupted.signal);
    return;
  }
  if (state === undefined) throw new UsageError('whom to ask is missing: give --url, or --state DIR of a service that does not run');
  await withState(state, async (platform) => {
    await knownZone(platform.as('prices'), watch.zone);
    if (!existsSync(directory)) commissionDisplay(directory, platform);
    const opened = checked(directory);
    const fetch = fetchFromHandler(makePriceApi(platform.as('price-api')), () => Date.now());
    await (await screen()).watchPrice(opened, fetch, watch, interrupted.signal);
  });
}

/** What is asked first and not answered is told: the screen alone would say no more than NOT LIVE. */
function tellingWhenAway(fetch: Fetch, url: string): Fetch {
  let isFirst = true;
  return async (path) => {
    const answer = await fetch(path);
    if (isFirst && answer === undefined)
      process.stderr.write(
        `joulekeep: ${url} has no answer to ${path}: is a service there, and this its customer door? What is shown was known before.\n`,
      );
    isFirst = false;
    return answer;
  };
}

/** Before anything of the program is loaded. */
function checked(directory: string) {
  const opened = openDisplayHome(directory);
  checkedProgram(opened, 1);
  return opened;
}

function screen(): Promise<typeof import('../display/display-screen.ts')> {
  return import('../display/display-screen.ts');
}
