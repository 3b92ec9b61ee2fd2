import { Command } from 'commander';
import { changePoint, usagePointState } from '../../lambdas/register/change-point.ts';
import type { ApiRole } from '../../topology/route.ts';
import { UsageError } from '../terminal/fail.ts';
import { INSTANT_HELP, instantIn } from '../terminal/instants.ts';
import { asPerson, type PersonOptions, withPersonOptions } from '../terminal/person-options.ts';
import { changedText } from '../texts/point-text.ts';

const EVERYBODY: readonly ApiRole[] = ['operator', 'supervisor'];

interface SupplyOptions extends PersonOptions {
  readonly at: string;
  readonly reason: string;
  readonly json?: true;
}

/** `joulekeep point disconnect|reconnect`. */
export function supplyChanges(): Command[] {
  const off = switching('disconnect', 'the utility has switched the supply off: what is used from then on goes to the exceptions (V23)');
  const on = switching('reconnect', 'the supply is on again');
  return [
    off.action((id: string, options: SupplyOptions) => switchSupply('DisconnectSupply', id, options)),
    on.action((id: string, options: SupplyOptions) => switchSupply('ReconnectSupply', id, options)),
  ];
}

function switching(name: string, description: string): Command {
  const command = new Command(name)
    .description(`${description}. Days that were closed before it is told stay as they were judged`)
    .argument('<usagePoint>', 'id of the usage point')
    .requiredOption('--at <instant>', `when: ${INSTANT_HELP}; where an interval of the meter begins`)
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--json', 'one JSON object');
  return withPersonOptions(command, EVERYBODY);
}

async function switchSupply(type: 'DisconnectSupply' | 'ReconnectSupply', id: string, options: SupplyOptions): Promise<void> {
  const { at, reason, json } = options;
  if (reason.trim() === '') throw new UsageError('--reason says something');
  await asPerson(options, EVERYBODY, async (platform, by) => {
    const register = platform.as('enrol');
    const { zone } = await usagePointState(register, id);
    const command = { type, instant: instantIn(at, zone), reason, by, at: register.clock.now() } as const;
    const { state, events } = await changePoint(register, id, [command]);
    process.stdout.write(changedText({ state, changed: events.length > 0 }, json));
  });
}
