import { Command } from 'commander';
import { type Retained, type RetentionProgress, runRetention } from '../../lambdas/retention/run-retention.ts';
import { RETENTION } from '../../topology/retention.ts';
import { ProgressBar } from '../progress.ts';
import { withState } from '../state.ts';

/** `joulekeep retention run`: what the daily duty does, now. The service must not run. */
export function retentionCommand(): Command {
  const run = new Command('run')
    .description('delete telemetry older than 28 days behind its signed checkpoints, archive meter days older than 13 months')
    .requiredOption('--state <dir>', 'state directory of the service, which must not run')
    .option('--dry-run', 'say what would be done and do nothing')
    .action(retain);
  const list = new Command('list').description('list what is kept how long, and what happens then').action(listClasses);
  return new Command('retention').description('how long things are kept').addCommand(run).addCommand(list);
}

function listClasses(): void {
  for (const { name, of, kept, afterwards, enforcedBy } of RETENTION) {
    const [span] = typeof kept === 'string' ? [kept] : Object.entries(kept).map(([unit, count]) => `${count} ${unit}`);
    process.stdout.write(
      `${name.padEnd(12)}${of.padEnd(14)}${span!.padEnd(12)}${afterwards} ${enforcedBy === undefined ? '(by nobody yet)' : ''}\n`,
    );
  }
}

async function retain({ state, dryRun = false }: { readonly state: string; readonly dryRun?: boolean }): Promise<void> {
  const bars = new Map<string, ProgressBar>();
  const onProgress = ({ what, done, total }: RetentionProgress) => {
    const bar = bars.get(what) ?? new ProgressBar(`${dryRun ? 'looking at' : 'retaining'} ${what}`, false);
    bars.set(what, bar);
    bar.at(done / total, `${done} of ${total} ${what}`);
    if (done === total) bar.end();
  };
  const retained = await withState(state, (platform) => runRetention(platform.as('archive'), { dryRun, onProgress }));
  for (const line of reportOf(retained, dryRun)) process.stdout.write(`${line}\n`);
  if (retained.failed > 0) process.exitCode = 1;
}

function reportOf({ segments, months, days, swept, failed }: Retained, dryRun: boolean): string[] {
  const events = segments.reduce((sum, segment) => sum + segment.events, 0);
  const rows = segments.reduce((sum, segment) => sum + segment.rows.length, 0);
  const would = dryRun ? 'would be ' : '';
  return [
    `${events} telemetry events of ${segments.filter((one) => one.events > 0).length} segments ${would}deleted behind signed checkpoints`,
    ...(dryRun ? [] : [`${rows} keys of segments destroyed, ${swept} replaced archives deleted`]),
    `${days} meter days in ${months} months of usage points ${would}archived`,
    ...segments.flatMap(({ segment, kept }) => (kept === undefined ? [] : [`segment/${segment} kept: ${kept}`])),
    ...(failed > 0 ? [`${failed} segments or months failed; see log.jsonl`] : []),
  ];
}
