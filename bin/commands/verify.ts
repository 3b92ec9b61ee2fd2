import { statSync } from 'node:fs';
import { Command } from 'commander';
import { type VerifyFlags, verifyState } from '../log-check/verify-state.ts';
import { checkProofFile, type ProofOutcome } from '../proof/check-file.ts';
import { UsageError } from '../terminal/fail.ts';
import { goOnUnread } from '../terminal/output-cut.ts';

/**
 * `joulekeep verify`: recomputes every stream's hash chain and the log over all of them. Exit code 1 when a commit is not what was recorded,
 * 3 when the proof of a bill holds and something in it rests on the utility's word.
 */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('recompute the hash chain of every stream and the log over all commits, and name the first bad commit of each')
    .argument('[prefix]', 'only streams that begin so, e.g. segment/', '')
    .option('--state <dir>', 'state directory of the service')
    .option('--checkpoint <file...>', 'checkpoints that were exported: the log must continue them')
    .option('--witness <dir>', "the log's witness (default: the folder witness of the state, which proves least)")
    .option('--restored <file...>', 'receipts of restores (taken-back.json), from whoever kept them: what no receipt names was rolled back')
    .option('--proof <file>', 'check the proof of a bill instead, with nothing but it and --keys')
    .option('--keys <file>', 'whom to believe, PEM, as joulekeep bill keys prints it')
    .action(async (prefix: string, flags: Flags) => {
      goOnUnread();
      process.exitCode = EXIT_CODES[await outcomeOf(prefix, flags, (line) => void process.stdout.write(`${line}\n`))];
    });
}

type Flags = Omit<VerifyFlags, 'state'> & { readonly state?: string; readonly proof?: string; readonly keys?: string };

const EXIT_CODES: Readonly<Record<ProofOutcome, number>> = { holds: 0, fails: 1, 'on-word': 3 };

async function outcomeOf(prefix: string, { state, proof, keys, ...flags }: Flags, say: (line: string) => void): Promise<ProofOutcome> {
  if (proof !== undefined) {
    if (keys === undefined || state !== undefined) throw new UsageError('--proof FILE is checked with --keys FILE, and no state');
    return checkProofFile(proof, keys, say);
  }
  if (state === undefined) throw new UsageError('what to verify: give --state DIR, or --proof FILE');
  if (keys !== undefined) throw new UsageError('--keys goes with --proof FILE: a state is checked with the keys that it holds');
  for (const file of flags.checkpoint ?? []) if (!there(file)?.isFile()) throw new UsageError(`--checkpoint ${file}: no file there`);
  const { witness } = flags;
  if (witness !== undefined && !there(witness)?.isDirectory())
    throw new UsageError(`--witness ${witness}: no directory there; give the one that the service was started with`);
  return (await verifyState(prefix, { state, ...flags }, say)) ? 'holds' : 'fails';
}

function there(path: string) {
  return statSync(path, { throwIfNoEntry: false });
}
