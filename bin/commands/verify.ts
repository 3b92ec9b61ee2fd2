import { Command } from 'commander';
import { type VerifyFlags, verifyState } from '../log-check/verify-state.ts';

/** `joulekeep verify`: recomputes every stream's hash chain and the log over all of them. Exit code 1 when a commit is not what was recorded. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('recompute the hash chain of every stream and the log over all commits, and name the first bad commit of each')
    .argument('[prefix]', 'only streams that begin so, e.g. segment/', '')
    .requiredOption('--state <dir>', 'state directory of the service')
    .option('--checkpoint <file...>', 'checkpoints that were exported: the log must continue them')
    .option('--witness <dir>', "the log's witness (default: the folder witness of the state, which proves least)")
    .action(async (prefix: string, flags: VerifyFlags) => {
      if (!(await verifyState(prefix, flags, (line) => void process.stdout.write(`${line}\n`)))) process.exitCode = 1;
    });
}
