import type { Command } from 'commander';
import type { Embedded } from '../../platform/embedded/platform.ts';
import type { Clock } from '../../platform/ports/platform.ts';
import type { ApiRole } from '../../topology/route.ts';
import { withState } from '../service/state.ts';
import { UsageError } from './fail.ts';
import { actingPerson } from './person.ts';

/** Who does something on a state directory, and as what. */
export interface PersonOptions {
  readonly state: string;
  readonly as: string;
  readonly role: string;
}

/** Adds the options that say where, who, and as what. */
export function withPersonOptions(command: Command, roles: readonly ApiRole[]): Command {
  return command
    .requiredOption('--state <dir>', 'state directory of the service, which must not run')
    .requiredOption('--as <name>', 'who you are: somebody with a certificate of the role; it is recorded')
    .requiredOption('--role <role>', `as what: ${roles.join(' or ')}`);
}

/** Works on a state directory as a person whose certificate is in force. @throws UsageError */
export async function asPerson<T>(
  { state, as, role }: PersonOptions,
  roles: readonly ApiRole[],
  work: (platform: Embedded, person: string) => Promise<T>,
  clock?: Clock,
): Promise<T> {
  if (!roles.some((known) => known === role)) throw new UsageError(`--role ${role}: ${roles.join(' or ')} is expected`);
  return await withState(state, async (platform) => work(platform, actingPerson(platform.people, as, role)), clock);
}
