import { Command } from 'commander';
import type { OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import { usagePointState } from '../../lambdas/register/change-point.ts';
import { openAudit } from '../../platform/embedded/audit.ts';
import { shownIn } from '../instants.ts';

/** `joulekeep point show <usagePoint>`. */
export function pointCommand(): Command {
  const show = new Command('show')
    .description('show meters, multipliers, tariff and tenancy of a usage point; no readings')
    .argument('<usagePoint>', 'id of the usage point, see joulekeep stream list usagepoint/')
    .requiredOption('--state <dir>', 'state directory of the service')
    .option('--json', 'one JSON object')
    .action(showPoint);
  return new Command('point').description('usage points: what a bill follows').addCommand(show);
}

async function showPoint(id: string, { state: dir, json }: { state: string; json?: true }): Promise<void> {
  const audit = openAudit(dir);
  try {
    const state = await usagePointState(audit, id);
    process.stdout.write(json ? `${JSON.stringify(state)}\n` : pointText(state));
  } finally {
    audit.close();
  }
}

/** Identity, meters and tenancy, a line each. */
export function pointText(state: OpenUsagePoint): string {
  const at = (instant: number | undefined) => (instant === undefined ? '' : shownIn(instant, state.zone));
  const lines = [
    `${state.usagePoint}  premises ${state.premises}  ${state.meterClass}  ${state.zone}  area ${state.areaLeaf}`,
    ...state.installations.map(({ meterId, from, until }) => `  meter   ${meterId}  ${at(from)} .. ${at(until)}`),
    ...state.multipliers.map(({ meterId, channel, multiplier, validFrom }) => {
      return `  factor  ${meterId}  channel ${channel}  ${multiplier}  from ${at(validFrom)}`;
    }),
    ...state.tariffs.map(({ tariff, from }) => `  tariff  ${tariff}  from ${from}`),
    ...state.tenancy.map(({ subject, from }) => `  tenant  ${subject}  from ${at(from)}`),
    ...state.moveReads.map(({ meterId, instant, kind }) => `  read    ${meterId}  ${at(instant)}  ${kind}`),
  ];
  return `${lines.join('\n')}\n`;
}
