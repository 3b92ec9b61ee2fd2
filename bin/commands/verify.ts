import { Command } from 'commander';
import { openAudit } from '../../platform/embedded/audit.ts';

/** `joulekeep verify`: recomputes every stream's hash chain. Exit code 1 when a commit is not what was recorded. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('recompute the hash chain of every stream and name the first bad commit of each')
    .argument('[prefix]', 'only streams that begin so, e.g. segment/', '')
    .requiredOption('--state <dir>', 'state directory of the service')
    .action(verify);
}

async function verify(prefix: string, { state }: { state: string }): Promise<void> {
  const audit = openAudit(state);
  let streams = 0;
  let commits = 0;
  let bad = 0;
  let trimmed = 0;
  let archived = 0;
  try {
    for await (const report of audit.verify(prefix)) {
      streams++;
      commits += report.commits;
      if (report.trimmed?.why === 'archive') archived++;
      else if (report.trimmed !== undefined) {
        trimmed++;
        process.stdout.write(`${report.stream}  deleted behind a signed checkpoint up to version ${report.trimmed.to}\n`);
      }
      if (report.bad === undefined) continue;
      bad++;
      process.stdout.write(`${report.stream}  version ${report.bad.version}  ${report.bad.fault}\n`);
    }
  } finally {
    audit.close();
  }
  if (streams === 0) throw new Error(`no stream in ${state} begins with ${prefix}: nothing was verified`);
  process.stdout.write(`${streams} streams, ${commits} sound commits, ${bad} streams with a bad commit\n`);
  if (trimmed + archived > 0) process.stdout.write(`${trimmed} streams begin behind a signed checkpoint, ${archived} lie in an archive\n`);
  if (bad > 0) process.exitCode = 1;
}
