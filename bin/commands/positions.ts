import { Command } from 'commander';
import { INGEST_LIMITS } from '../../lambdas/ingest/limits.ts';
import { type Position, positionsAside, redrivePositions } from '../positions.ts';
import { handlersOn } from '../service/handlers.ts';
import { withState } from '../service/state.ts';

/** `joulekeep positions list|redrive`: commits that a function could not take and its feed set aside. */
export function positionsCommand(): Command {
  const list = new Command('list')
    .description('list what feeds set aside, a line each: feed, function, stream, version')
    .requiredOption('--state <dir>', 'state directory of the service')
    .option('--json', 'one JSON object per position')
    .action(async ({ state, json }: { state: string; json?: true }) => {
      const positions = await withState(state, async ({ queues }) => positionsAside(queues));
      for (const position of positions) process.stdout.write(json ? `${JSON.stringify(position)}\n` : lineOf(position));
    });
  const redrive = new Command('redrive')
    .description('hand all of it to its function once more; exit code 1 when something is left aside')
    .requiredOption('--state <dir>', 'state directory of the service')
    .action(async ({ state }: { state: string }) => {
      const { taken, left } = await withState(state, (platform) =>
        redrivePositions(platform.queues, handlersOn(platform, INGEST_LIMITS).feeds ?? {}),
      );
      for (const position of left) process.stdout.write(`left  ${lineOf(position)}`);
      process.stdout.write(`${taken.length} taken, ${left.length} left aside\n`);
      if (left.length > 0) process.exitCode = 1;
    });
  return new Command('positions')
    .description('commits that a function could not take; no service may run on the state directory')
    .addCommand(list)
    .addCommand(redrive);
}

function lineOf({ feed, function: name, stream, version }: Position): string {
  return `${feed}  ${name}  ${stream}  ${version}\n`;
}
