import { Command } from 'commander';
import { demandResponse } from '../../domain/price/demand-response.ts';
import { openProgram, publishDemandResponse } from '../../lambdas/prices/demand-response.ts';
import { foldStream } from '../../lambdas/shared/streams.ts';
import { withState } from '../service/state.ts';
import { wholeNumber } from '../terminal/arguments.ts';
import { UsageError } from '../terminal/fail.ts';
import { INSTANT_HELP, instantIn } from '../terminal/instants.ts';

const STATE = ['--state <dir>', 'state directory of the service, which must not run'] as const;

/** `joulekeep dr open|publish|list`. */
export function drCommand(): Command {
  const open = new Command('open')
    .description('open a program of demand response')
    .argument('<program>', 'letters, digits, - and _')
    .requiredOption('--name <name>', 'for people')
    .requiredOption(...STATE)
    .action(openOne);
  const publish = new Command('publish')
    .description('ask the homes of a program for less; each decides by its own limits')
    .argument('<program>')
    .requiredOption('--id <id>', 'of the event; the same again replaces it, level 0 takes it back')
    .requiredOption('--start <time>', INSTANT_HELP)
    .requiredOption('--minutes <n>', 'how long', wholeNumber(1, 1_440))
    .requiredOption('--level <n>', '0 as usual, 1 some, 2 much, 3 emergency', wholeNumber(0, 3))
    .option('--random <minutes>', 'homes begin at random within', wholeNumber(0, 1_440), 10)
    .option('--name <name>', 'for people', 'less, please')
    .requiredOption(...STATE)
    .action(publishEvent);
  const list = new Command('list')
    .description('events of a program')
    .argument('<program>')
    .requiredOption(...STATE)
    .action(listEvents);
  return new Command('dr').description('signed demand-response events').addCommand(open).addCommand(publish).addCommand(list);
}

async function openOne(program: string, { name, state }: { name: string; state: string }): Promise<void> {
  await withState(state, (platform) => openProgram(platform.as('prices'), program, name));
  process.stdout.write(`program ${program} is open\n`);
}

interface PublishOptions {
  readonly id: string;
  readonly start: string;
  readonly minutes: number;
  readonly level: number;
  readonly random: number;
  readonly name: string;
  readonly state: string;
}

async function publishEvent(program: string, { id, start, minutes, level, random, name, state }: PublishOptions): Promise<void> {
  const asked = { program, id, name, level, start: instantIn(start, 'UTC'), minutes, randomMinutes: Math.min(random, minutes) };
  const { seq } = await withState(state, (platform) => publishDemandResponse(platform.as('prices'), asked));
  process.stdout.write(`event ${id} of ${program} is signed as number ${seq}\n`);
}

async function listEvents(program: string, { state: directory }: { state: string }): Promise<void> {
  const { state } = await withState(directory, (platform) =>
    foldStream(platform.as('prices').events, `demand-response/${program}`, demandResponse),
  );
  if (state.name === undefined) throw new UsageError(`${program}: no such program is open; joulekeep dr open makes one`);
  if (state.events.size === 0) process.stderr.write(`${program}: no events yet; joulekeep dr publish asks for one\n`);
  for (const { id, eventName, intervalPeriod, intervals } of state.events.values()) {
    const levels = intervals.flatMap(({ payloads }) => payloads.flatMap(({ values }) => values)).join(', ');
    process.stdout.write(`${id}  ${intervalPeriod.start}  ${intervalPeriod.duration}  level ${levels}  ${eventName}\n`);
  }
}
