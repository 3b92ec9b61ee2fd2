import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import type { DeliveryState } from '../../domain/delivery/delivery.ts';
import { askReplay, deliveryState, type Endpoint, endEndpoint, endpointsOf, setEndpoint } from '../../lambdas/deliver/endpoints.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { withState } from '../service/state.ts';

interface Named {
  readonly state: string;
  readonly recipient: string;
  readonly feed: string;
}

/** Who does it, in the record of the delivery. */
const BY = 'operator-cli';

/** `joulekeep delivery list|set|end|replay`: to whom feeds are pushed, how far they are, and what was set aside. */
export function deliveryCommand(): Command {
  const list = new Command('list')
    .description('list every endpoint, a line each: recipient, feed, status, sequence it is through, what fails, what was set aside')
    .requiredOption('--state <dir>', 'state directory of the service')
    .action(async ({ state }: { state: string }) => {
      await onState(state, async (platform) => {
        const endpoints = await endpointsOf(platform);
        if (endpoints.length === 0) process.stderr.write('no feed is pushed anywhere; joulekeep delivery set begins one\n');
        for (const endpoint of endpoints) show(endpoint, await deliveryState(platform, endpoint));
      });
    });
  const set = named('set', 'push a feed to an https address from now on, beginning with its first item')
    .requiredOption('--url <url>', 'https address')
    .option('--ca <file>', 'PEM of the one authority its certificate comes from; default those that everybody trusts')
    .action(async ({ state, recipient, feed, url, ca }: Named & { url: string; ca?: string }) => {
      const authority = ca === undefined ? {} : { ca: readFileSync(ca, 'utf8') };
      await onState(state, async (platform) =>
        show({ recipient, feed }, await setEndpoint(platform, { recipient, feed, url, ...authority }, BY)),
      );
    });
  const end = named('end', 'push nothing there any more')
    .requiredOption('--reason <text>', 'why')
    .action(async ({ state, recipient, feed, reason }: Named & { reason: string }) => {
      await onState(state, async (platform) => show({ recipient, feed }, await endEndpoint(platform, { recipient, feed }, reason, BY)));
    });
  const replay = named('replay', 'push again everything behind a sequence, what was set aside as well')
    .requiredOption('--after <sequence>', 'sequence of the last item that the recipient has, 0 for none', wholeNumber)
    .action(async ({ state, recipient, feed, after }: Named & { after: number }) => {
      await onState(state, async (platform) => show({ recipient, feed }, await askReplay(platform, { recipient, feed }, after, BY)));
    });
  return [list, set, end, replay].reduce(
    (command, one) => command.addCommand(one),
    new Command('delivery').description('feeds that are pushed; no service may run on the state directory'),
  );
}

function named(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .requiredOption('--state <dir>', 'state directory of the service')
    .requiredOption('--recipient <name>', 'a-z, 0-9 and dashes')
    .requiredOption('--feed <name>', 'e.g. billing/bills or operator/area/north');
}

function onState(state: string, work: (platform: Platform) => Promise<void>): Promise<void> {
  return withState(state, (platform) => work(platform.as('deliver')));
}

function wholeNumber(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError('a whole number is expected');
  return Number(text);
}

function show({ recipient, feed }: Endpoint, { status, through, failing, setAside }: DeliveryState): void {
  const fails = failing === undefined ? '' : `  ${failing.seq} fails: ${failing.failure}, ${failing.attempt} times`;
  const aside = setAside.map(({ from, through: last }) => `  set aside ${from} to ${last}`).join('');
  process.stdout.write(`${recipient}  ${feed}  ${status}  through ${through}${fails}${aside}\n`);
}
