import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AgainstLog, type LogDifference } from '../../lambdas/log-check/against-log.ts';
import { type Audit, openAudit } from '../../platform/embedded/audit.ts';
import { EmbeddedWitness } from '../../platform/embedded/witness.ts';
import type { StreamReport } from '../../platform/store/report.ts';
import { counted } from '../texts/counted.ts';
import { type CheckedLog, checkLog } from './check-log.ts';
import { readPending } from './pending.ts';
import { readReceipts } from './receipts.ts';

export interface VerifyFlags {
  readonly state: string;
  /** Files of exported checkpoints. */
  readonly checkpoint?: readonly string[];
  /** Receipts of restores. */
  readonly restored?: readonly string[];
  /** Directory of the witness. */
  readonly witness?: string;
}

type Say = (line: string) => void;

/** Checks a state directory: every chain, the log, and each against the other. @param say gets a line per finding @returns whether all is sound */
export async function verifyState(prefix: string, flags: VerifyFlags, say: Say): Promise<boolean> {
  const audit = openAudit(flags.state);
  try {
    const restored = readReceipts(flags.restored ?? []);
    const pending = await readPending(audit.objects);
    const log = await checkLog({ ...audit, restored, ...(flags.checkpoint && { files: flags.checkpoint }), ...witnessOf(flags) });
    const bad = await verifyStreams(audit, prefix, log, pending, say);
    if (bad === undefined) throw new Error(`no stream in ${flags.state} begins with ${prefix}: nothing was verified`);
    for (const fault of log.faults) say(fault);
    if (log.unaccounted > 0) say(howAccounted(flags.state));
    return bad + log.faults.length === 0;
  } finally {
    audit.close();
  }
}

/** @returns how many streams have a bad commit; undefined when there is no stream at all */
async function verifyStreams(
  audit: Audit,
  prefix: string,
  log: CheckedLog,
  pending: ReadonlySet<string>,
  say: Say,
): Promise<number | undefined> {
  const against = new AgainstLog(log.commits, log.latest?.at ?? 0, Date.now(), pending);
  const counts = { streams: 0, commits: 0, bad: 0, trimmed: 0, archived: 0 };
  for await (const report of audit.verify(prefix, (commit) => against.walked(commit))) {
    counts.streams++;
    counts.commits += report.commits;
    if (report.trimmed?.why === 'archive') counts.archived++;
    else if (report.trimmed !== undefined) counts.trimmed++;
    const lines = linesOf(report, against.differenceOf(report));
    if (lines.isBad) counts.bad++;
    for (const line of lines.said) say(line);
  }
  for (const difference of against.gone(prefix)) {
    counts.bad++;
    say(lineOf(difference));
  }
  const { streams, commits, bad, trimmed, archived } = counts;
  if (streams + bad === 0) return undefined;
  say(`${counted(streams, 'stream')}, ${counted(commits, 'sound commit')}, ${counted(bad, 'stream')} with a bad commit`);
  if (trimmed + archived > 0)
    say(
      `${counted(trimmed, 'stream begins', 'streams begin')} behind a signed checkpoint, ${counted(archived, 'lies', 'lie')} in an archive`,
    );
  if (log.takenBack.commits > 0)
    say(
      `${counted(log.takenBack.commits, 'commit')} of ${counted(log.takenBack.streams, 'stream')} were logged and are gone by a restore, as the log says`,
    );
  if (log.latest !== undefined) say(logLine(log.latest, log.checkpoints, against.waiting));
  return bad;
}

function linesOf({ stream, trimmed, bad }: StreamReport, difference: LogDifference | undefined): { said: string[]; isBad: boolean } {
  const said = trimmed?.why === 'checkpoint' ? [`${stream}  deleted behind a signed checkpoint up to version ${trimmed.to}`] : [];
  if (bad !== undefined) said.push(lineOf(bad));
  if (difference !== undefined) said.push(lineOf(difference));
  return { said, isBad: bad !== undefined || difference !== undefined };
}

function lineOf({ stream, version, fault }: { readonly stream: string; readonly version: number; readonly fault: string }): string {
  return `${stream}  version ${version}  ${fault}`;
}

function logLine({ size, at }: NonNullable<CheckedLog['latest']>, checkpoints: number, waiting: number): string {
  const as = `log of ${counted(size, 'entry', 'entries')} as of ${new Date(at).toISOString()}, held against ${counted(checkpoints, 'checkpoint')}`;
  return `${as}; ${counted(waiting, 'younger commit waits for its place', 'younger commits wait for their place')}`;
}

/** Where the receipt is that a check of a restored state wants. */
function howAccounted(state: string): string {
  const here = join(state, 'replaced-*', 'taken-back.json');
  return `what was taken back was a restore or a roll-back: --restored FILE with the receipt of each restore, from whoever kept it, tells them apart (here they lie as ${here})`;
}

function witnessOf({ state, witness }: VerifyFlags): { witness?: EmbeddedWitness } {
  const directory = witness ?? join(state, 'witness');
  if (witness !== undefined && !existsSync(witness)) throw new Error(`${witness} is no directory: give the --witness of the service`);
  return existsSync(directory) ? { witness: new EmbeddedWitness(directory, { now: Date.now }) } : {};
}
