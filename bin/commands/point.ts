import { Command } from 'commander';
import { tariffOn } from '../../domain/usagepoint/queries.ts';
import { subjectAt } from '../../domain/usagepoint/tenancy.ts';
import { usagePoint } from '../../domain/usagepoint/usagepoint.ts';
import type { OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import { usagePointState } from '../../lambdas/register/change-point.ts';
import { localDayAt } from '../../lambdas/shared/days/local-days.ts';
import { foldStream } from '../../lambdas/shared/streams.ts';
import { openAudit } from '../../platform/embedded/audit.ts';
import { pointText } from '../texts/point-text.ts';
import { pointChanges } from './point-changes.ts';
import { supplyChanges } from './point-supply.ts';

/** `joulekeep point list|show|tariff|multiplier|exchange|disconnect|reconnect`. */
export function pointCommand(): Command {
  const list = new Command('list')
    .description('list usage points, a line each: id, class, meters that hang there now, tenant, tariff')
    .requiredOption('--state <dir>', 'state directory of the service')
    .option('--json', 'one JSON object per usage point')
    .action(listPoints);
  const show = new Command('show')
    .description('show meters, multipliers, tariff and tenancy of a usage point; no readings')
    .argument('<usagePoint>', 'id of the usage point, see joulekeep point list')
    .requiredOption('--state <dir>', 'state directory of the service')
    .option('--json', 'one JSON object')
    .action(showPoint);
  const command = new Command('point').description('usage points: what a bill follows').addCommand(list).addCommand(show);
  for (const change of [...pointChanges(), ...supplyChanges()]) command.addCommand(change);
  return command;
}

async function listPoints({ state: dir, json }: { state: string; json?: true }): Promise<void> {
  const audit = openAudit(dir);
  try {
    for await (const stream of audit.events.streams('usagepoint/')) {
      const { state } = await foldStream(audit.events, stream, usagePoint);
      if (state.status === 'open') process.stdout.write(json ? `${JSON.stringify(state)}\n` : lineOf(state, Date.now()));
    }
  } finally {
    audit.close();
  }
}

function lineOf(state: OpenUsagePoint, now: number): string {
  const meters = state.installations.filter(({ from, until = Infinity }) => from <= now && now < until).map(({ meterId }) => meterId);
  const tariff = tariffOn(state, localDayAt(Math.floor(now / 1000), state.zone).day);
  return `${state.usagePoint}  ${state.meterClass}  ${meters.join(' ') || '-'}  ${subjectAt(state.tenancy, now)}  ${tariff ?? '-'}\n`;
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
