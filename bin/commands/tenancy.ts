import { Command } from 'commander';
import type { OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import type { MoveRead, TenancyCut } from '../../events/index.ts';
import { changePoint, usagePointState } from '../../lambdas/register/change-point.ts';
import { interpolatedReads } from '../../lambdas/register/interpolated-read.ts';
import { correctTenancy, endTenancy, startTenancy } from '../../lambdas/register/tenancy.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { onRegister } from '../service/register-state.ts';
import { UsageError } from '../terminal/fail.ts';
import { INSTANT_HELP, instantIn } from '../terminal/instants.ts';
import { pointText } from '../texts/point-text.ts';

const ALONE = 'No service may run on the state directory. Instants lie where an interval of the meter begins.';

const READ: [string, string] = [
  '--read <what>',
  'records the register at the move: its counts, or "interpolate" to take it from the closed days around',
];

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
    .option(...READ)
    .action(async (usagePoint: string, account: string, { from, state, read }: { from: string; state: string; read?: string }) => {
      await moved(state, usagePoint, from, read, (platform, instant) => startTenancy(platform, usagePoint, account, instant));
    });
}

function endOf(): Command {
  return new Command('end')
    .description(`from an instant on the usage point is nobody's, that is the utility's own. ${ALONE}`)
    .argument('<usagePoint>', 'id of the usage point')
    .requiredOption('--at <instant>', INSTANT_HELP)
    .requiredOption('--state <dir>', 'state directory of the service')
    .option(...READ)
    .action(async (usagePoint: string, { at, state, read }: { at: string; state: string; read?: string }) => {
      await moved(state, usagePoint, at, read, (platform, instant) => endTenancy(platform, usagePoint, instant));
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

interface Changed {
  readonly state: OpenUsagePoint;
  readonly events: readonly unknown[];
}

/** A tenancy that begins or ends, and the reading then. What can't be read is found out before anything is recorded. */
async function moved(
  stateDir: string,
  usagePoint: string,
  when: string,
  read: string | undefined,
  cut: (platform: Platform, instant: number) => Promise<Changed>,
): Promise<void> {
  await change(stateDir, usagePoint, async (platform, point, as) => {
    const instant = instantIn(when, point.zone);
    const reads = read === undefined ? [] : await readsAt(read, as('billing'), point, instant);
    const changed = await cut(platform, instant);
    if (reads.length === 0) return changed;
    const at = platform.clock.now();
    const { state, events } = await changePoint(
      platform,
      usagePoint,
      reads.map((one) => ({ type: 'RecordMoveRead', ...one, at })),
    );
    return { state, events: [...changed.events, ...events] };
  });
}

async function readsAt(read: string, platform: Platform, point: OpenUsagePoint, instant: number): Promise<readonly Omit<MoveRead, 'at'>[]> {
  if (read === 'interpolate') return interpolatedReads(platform, point, instant);
  if (!/^\d{1,12}$/.test(read)) throw new UsageError(`--read ${read}: counts of the register, or interpolate`);
  const held = point.installations.filter(({ from, until = Infinity }) => from <= instant && instant <= until);
  const meter = held.find(({ until = Infinity }) => instant < until) ?? held[0];
  if (meter === undefined) throw new UsageError(`--read ${read}: no meter hangs at ${point.usagePoint} then`);
  return [{ meterId: meter.meterId, instant, registers: [{ channel: 0, counts: Number(read) }], kind: 'measured' }];
}

async function change(
  stateDir: string,
  usagePoint: string,
  run: (platform: Platform, point: OpenUsagePoint, as: (principal: string) => Platform) => Promise<Changed>,
): Promise<void> {
  const { state, events } = await onRegister(stateDir, async (platform, as) =>
    run(platform, await usagePointState(platform, usagePoint), as),
  );
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
