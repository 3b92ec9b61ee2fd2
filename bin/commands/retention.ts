import { Command } from 'commander';
import { type Retained, type RetentionProgress, runRetention } from '../../lambdas/retention/run-retention.ts';
import {
  ACCESS_YEARS,
  METER_DAY_MONTHS,
  QUARANTINE_DAYS,
  RELAY_MONTHS,
  RETENTION,
  SIGN_IN_MONTHS,
  TELEMETRY_DAYS,
} from '../../topology/retention.ts';
import { withState } from '../service/state.ts';
import { counted } from '../texts/counted.ts';
import { lifeTable } from '../texts/privacy-text.ts';
import { ProgressBar } from '../town/progress.ts';

/** `joulekeep retention run`: what the daily duty does, now. The service must not run. */
export function retentionCommand(): Command {
  const run = new Command('run')
    .description(
      `delete behind signed checkpoints: telemetry after ${TELEMETRY_DAYS} days, what concentrators did after ${RELAY_MONTHS} months, ` +
        `accesses after ${ACCESS_YEARS} years; empty the quarantine after ${QUARANTINE_DAYS} days; destroy keys of sign-ins after ${SIGN_IN_MONTHS} months; archive meter days after ${METER_DAY_MONTHS} months`,
    )
    .requiredOption('--state <dir>', 'state directory of the service, which must not run')
    .option('--dry-run', 'say what would be done and do nothing')
    .action(retain);
  const list = new Command('list').description('list what is kept how long, and what happens then').action(listClasses);
  const life = new Command('life')
    .description('show the life of personal data, class by class, as docs/privacy.md has it')
    .action(() => void process.stdout.write(`${lifeTable()}\n`));
  return new Command('retention').description('how long things are kept').addCommand(run).addCommand(list).addCommand(life);
}

function listClasses(): void {
  for (const { name, of, kept, afterwards, enforcedBy } of RETENTION) {
    const [span] = typeof kept === 'string' ? [kept] : Object.entries(kept).map(([unit, count]) => `${count} ${unit}`);
    process.stdout.write(`${name.padEnd(17)}${of.padEnd(18)}${span!.padEnd(12)}${afterwards.padEnd(27)}${enforcedBy}\n`);
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

function reportOf(
  { segments, relays, access, quarantined, models, signIns, months, days, swept, failed }: Retained,
  dryRun: boolean,
): string[] {
  const rows = segments.reduce((sum, segment) => sum + segment.rows.length, 0);
  const would = dryRun ? 'would be ' : '';
  return [
    `${eventsOf(segments, 'telemetry', 'segment')} ${would}deleted behind signed checkpoints`,
    `${eventsOf(relays, 'relay', 'concentrator')} ${would}deleted behind signed checkpoints`,
    `${eventsOf(access, 'access', 'stream')} ${would}deleted behind signed summaries`,
    `${counted(quarantined, 'object')} of the quarantine ${would}deleted`,
    `${counted(models, 'model')} of forecasts ${would}deleted`,
    `${counted(signIns, 'key')} of sign-ins ${would}destroyed`,
    ...(dryRun
      ? []
      : [
          `${counted(rows, 'key')} of segments destroyed, ${counted(swept, 'replaced archive or checkpoint', 'replaced archives and checkpoints')} deleted`,
        ]),
    `${counted(days, 'meter day')} in ${counted(months, 'month')} of usage points ${would}archived`,
    ...segments.flatMap(({ segment, kept }) => (kept === undefined ? [] : [`segment/${segment} kept: ${kept}`])),
    ...[...relays, ...access].flatMap(({ stream, kept }) => (kept === undefined ? [] : [`${stream} kept: ${kept}`])),
    ...(failed > 0 ? [`${failed} streams, months or objects failed; see log.jsonl`] : []),
  ];
}

function eventsOf(trimmed: readonly { readonly events: number }[], of: string, stream: string): string {
  const some = trimmed.filter(({ events }) => events > 0);
  const events = some.reduce((sum, one) => sum + one.events, 0);
  return `${counted(events, `${of} event`)} of ${counted(some.length, stream)}`;
}
