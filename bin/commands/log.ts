import { Command } from 'commander';
import { readCheckpoint } from '../../lambdas/log/checkpoints.ts';
import { LogFiles } from '../../lambdas/log/log-files.ts';
import { CHECKPOINT_KEY, LATEST } from '../../lambdas/log/places.ts';
import { type Audit, openAudit } from '../../platform/embedded/audit.ts';
import { inclusionProof } from '../../protocol/log/proofs.ts';
import { wholeNumber } from '../terminal/arguments.ts';
import { UsageError } from '../terminal/fail.ts';

/** `joulekeep log`: what somebody outside keeps of the log, to hold it against later. */
export function logCommand(): Command {
  const command = new Command('log').description('take signed checkpoints and proofs out of the log over all commits');
  command
    .command('checkpoint')
    .description('print the newest signed checkpoint: keep it elsewhere, and give it to verify --checkpoint later')
    .requiredOption('--state <dir>', 'state directory of the service')
    .action(({ state }: { state: string }) => within(state, printCheckpoint));
  command
    .command('prove')
    .description('print, as JSON, the proof that a commit is in the log')
    .argument('<stream>', 'e.g. meterday/0011223344556677/2026-01-15')
    .argument('<version>', "version of the commit's first event", wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .requiredOption('--state <dir>', 'state directory of the service')
    .action((stream: string, version: number, { state }: { state: string }) =>
      within(state, (audit) => printProof(audit, stream, version)),
    );
  return command;
}

async function within(state: string, run: (audit: Audit) => Promise<void>): Promise<void> {
  const audit = openAudit(state);
  try {
    await run(audit);
  } finally {
    audit.close();
  }
}

async function printCheckpoint(audit: Audit): Promise<void> {
  process.stdout.write((await newest(audit)).note);
}

/** All that a check from outside needs but the key it trusts, which is printed to be compared. */
async function printProof(audit: Audit, stream: string, version: number): Promise<void> {
  const { note, size } = await newest(audit);
  const files = new LogFiles(audit.objects);
  // The last one: another may have been there before a restore.
  let found: { readonly hash: Buffer; readonly index: number } | undefined;
  let before: { readonly version: number; readonly hash: Buffer } | undefined;
  let isBehind = false;
  let index = 0;
  for await (const { stream: named, version: first, hash } of files.entries(0, size)) {
    if (named === stream && first === version) found = { hash, index };
    if (named === stream && first < version && first >= (before?.version ?? 0)) before = { version: first, hash };
    if (named === stream && first > version) isBehind = true;
    index++;
  }
  if (found === undefined && before !== undefined) {
    // Between two commits of the log it is in the first; how far the newest goes, its stream says.
    const head = await audit.events.head(stream);
    if (isBehind || (head.hash.equals(before.hash) && version <= head.version))
      throw new UsageError(`${version} of ${stream} is inside the commit that begins at ${before.version}: prove that one`);
  }
  if (found === undefined && before === undefined && !isBehind && (await audit.events.latest(stream)).version < 0)
    throw new UsageError(`${stream}: there is no such stream, in the store or in the log; joulekeep stream list shows those there are`);
  if (found === undefined) throw new Error(`the log has no commit ${version} of ${stream}: it may be too young, wait two minutes`);
  const proof = await inclusionProof(found.index, size, files.hashesAt(size));
  const told = {
    stream,
    version,
    hash: found.hash.toString('base64'),
    index: found.index,
    proof: proof.map((hash) => hash.toString('base64')),
  };
  const publicKey = (await audit.kms.getPublicKey(CHECKPOINT_KEY)).toString('base64');
  process.stdout.write(`${JSON.stringify({ ...told, checkpoint: note, publicKey }, null, 2)}\n`);
}

/** Read once: the service may run, and sign another while the log is read. */
async function newest({ objects, kms }: Pick<Audit, 'objects' | 'kms'>): Promise<{ readonly note: string; readonly size: number }> {
  const note = await objects.get(LATEST);
  if (note === undefined) throw new Error('the log has no checkpoint yet: a running service signs one each minute');
  return { note: note.toString(), size: (await readCheckpoint(kms, note)).size };
}
