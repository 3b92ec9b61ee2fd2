import { Command } from 'commander';
import { amendRelay } from '../../lambdas/enrol/relay-standing.ts';
import { AMEND_REASON, amendedText, deviceNamed, type NamedDevice, releaseDevice } from '../../lambdas/enrol/release-device.ts';
import { revokeCertificates } from '../../lambdas/enrol/revoke-certificates.ts';
import { amendMeter } from '../../lambdas/enrol/standing.ts';
import { Segments } from '../../lambdas/shared/segments.ts';
import type { Embedded } from '../../platform/embedded/platform.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { withState } from '../service/state.ts';
import { UsageError } from '../terminal/fail.ts';
import { actingPerson } from '../terminal/person.ts';
import { counted } from '../texts/counted.ts';

/** Whose matter a device is that is in strange hands. */
const ROLE = 'security-officer';

interface DeviceOptions {
  readonly state: string;
  readonly as: string;
  readonly reason: string;
}

/** Why something is done to a device, and by whom. */
interface Said {
  readonly reason: string;
  readonly by: string;
}

/** @returns how the device stands then */
type Act = (platform: Platform, device: NamedDevice, said: Said) => Promise<string>;

/** `joulekeep device quarantine|release|revoke`: a meter or concentrator that was stolen, or does what it should not. */
export function deviceCommand(): Command {
  return new Command('device')
    .description('a meter or a concentrator that was stolen, or does what it should not')
    .addCommand(on('quarantine', 'let it say and get nothing until it is released', quarantine))
    .addCommand(on('release', 'let it go on', releaseDevice))
    .addCommand(
      on('revoke', 'for good: none of its certificates opens anything any more; a meter is retired, a concentrator stays cut off', revoke),
    );
}

function on(name: string, description: string, act: Act): Command {
  return new Command(name)
    .description(description)
    .argument('<thing>', 'id of a meter or a concentrator, as joulekeep stream list meter/ and relay/ show them')
    .requiredOption('--reason <text>', `why, with no name of a customer in it; it is recorded`)
    .requiredOption('--as <name>', `who you are: somebody with a certificate of a ${ROLE}; it is recorded`)
    .requiredOption('--state <dir>', 'state directory of the service, which must not run')
    .action((thing: string, options: DeviceOptions) => run(thing, options, act));
}

async function run(name: string, { state, as, reason }: DeviceOptions, act: Act): Promise<void> {
  if (!AMEND_REASON.test(reason)) throw new UsageError('--reason: say why, in 2 to 200 characters');
  const standing = await withState(state, async (embedded: Embedded) => {
    const by = actingPerson(embedded.people, as, ROLE);
    const platform = embedded.as('enrol');
    const device = await deviceNamed(platform, name);
    const said = await act(platform, device, { reason, by });
    embedded.log.warn('device amended by hand', { code: 'DEVICE_AMENDED', reason: amendedText(device, said, by, reason) });
    return `${device.kind} ${device.id}: ${said}`;
  });
  process.stdout.write(`${standing}\n`);
}

async function quarantine(platform: Platform, { kind, id, thing }: NamedDevice, said: Said): Promise<string> {
  const reason = `${said.reason} (${said.by})`;
  const at = platform.clock.now();
  if (kind === 'concentrator') {
    await amendRelay(platform, id, { type: 'QuarantineRelay', reason, at });
    return 'quarantined';
  }
  const { status } = await amendMeter(platform, new Segments(platform), id, { type: 'Quarantine', reason, at });
  await platform.devices.setQuarantined(thing, true);
  return status;
}

/** The reason stands with the quarantine, which comes first: whoever breaks off behind it has cut the device off. */
async function revoke(platform: Platform, device: NamedDevice, said: Said): Promise<string> {
  await quarantine(platform, device, said);
  const { kind, id, thing } = device;
  const { by, reason } = said;
  if (kind === 'meter') await amendMeter(platform, new Segments(platform), id, { type: 'Retire', by, reason, at: platform.clock.now() });
  const count = await revokeCertificates(platform, thing);
  return `${kind === 'meter' ? 'retired' : 'quarantined'}, ${counted(count, 'certificate')} revoked`;
}
