import { Command } from 'commander';
import type { OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import type { TenancyCut } from '../../events/index.ts';
import { usagePointState } from '../../lambdas/register/change-point.ts';
import { correctTenancy, endTenancy, startTenancy } from '../../lambdas/register/tenancy.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { UsageError } from '../fail.ts';
import { INSTANT_HELP, instantIn } from '../instants.ts';
import { onRegister } from '../register-state.ts';
import { pointText } from './point.ts';

const ALONE = 'No service may run on the state directory. Instants lie where an interval of the meter begins.';

/** `joulekeep tenancy start|end|correct`. */
export function tenancyCommand(): Command {
  return new Command('tenancy')
    .description('whose a usage point is from when')
    .addCommand(startOf())
    .addCommand(endOf())
    .addCommand(correctionOf());
}

function startOf(): Command {
  return new Command('start')
    .description(`from an instant on the usage point is the account's, and no more the one's before. ${ALONE}`)
    .argument('<usagePoint>', 'id of the usage point')
    .argument('<account>', 'id of an account that is open, see joulekeep account open')
    .requiredOption('--from <instant>', INSTANT_HELP)
    .requiredOption('--state <dir>', 'state directory of the service')
    .action(async (usagePoint: string, account: string, { from, state }: { from: string; state: string }) => {
      await change(state, usagePoint, (platform, { zone }) => startTenancy(platform, usagePoint, account, instantIn(from, zone)));
    });
}

function endOf(): Command {
  return new Command('end')
    .description(`from an instant on the usage point is nobody's, that is the utility's own. ${ALONE}`)
    .argument('<usagePoint>', 'id of the usage point')
    .requiredOption('--at <instant>', INSTANT_HELP)
    .requiredOption('--state <dir>', 'state directory of the service')
    .action(async (usagePoint: string, { at, state }: { at: string; state: string }) => {
      await change(state, usagePoint, (platform, { zone }) => endTenancy(platform, usagePoint, instantIn(at, zone)));
    });
}

interface CorrectOptions {
  readonly since: string;
  readonly cut: readonly string[];
  readonly reason: string;
  readonly by: string;
  readonly state: string;
}

function correctionOf(): Command {
  return new Command('correct')
    .description(
      `replace every cut of a usage point from an instant on. ${ALONE} The days this moves are sealed again under their right subject's key by the service, within about two hours.`,
    )
    .argument('<usagePoint>', 'id of the usage point')
    .requiredOption('--since <instant>', `what was said of the time from here on counts no more: ${INSTANT_HELP}`)
    .option('--cut <account@instant>', 'from the instant on it is the account\'s, or "utility"; may be repeated', collect, [])
    .requiredOption('--reason <text>', 'why, for the record')
    .requiredOption('--by <name>', 'who corrects')
    .requiredOption('--state <dir>', 'state directory of the service')
    .action(async (usagePoint: string, { since, cut, reason, by, state }: CorrectOptions) => {
      await change(state, usagePoint, (platform, { zone }) => {
        const cuts = cut.map((text) => cutIn(text, zone));
        return correctTenancy(platform, usagePoint, { since: instantIn(since, zone), cuts, reason, by });
      });
    });
}

async function change(
  stateDir: string,
  usagePoint: string,
  run: (platform: Platform, point: OpenUsagePoint) => Promise<{ readonly state: OpenUsagePoint; readonly events: readonly unknown[] }>,
): Promise<void> {
  const { state, events } = await onRegister(stateDir, async (platform) => run(platform, await usagePointState(platform, usagePoint)));
  process.stdout.write(`${events.length === 0 ? 'nothing changed: it was so already\n' : ''}${pointText(state)}`);
}

function cutIn(text: string, zone: string): TenancyCut {
  const [subject, instant, ...rest] = text.split('@');
  if (!subject || !instant || rest.length > 0) throw new UsageError(`${text}: <account>@<instant> is expected`);
  return { subject, from: instantIn(instant, zone) };
}

function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}
