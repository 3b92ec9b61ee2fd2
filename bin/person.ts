import { userInfo } from 'node:os';
import { PersonName } from '../api/common.ts';
import type { EmbeddedPeople } from '../platform/embedded/gateway/people.ts';
import { PRINCIPALS } from '../topology/principals.ts';
import { UsageError } from './fail.ts';

/**
 * A person's name from an option, as certificates name people. What the system does by itself is recorded under the names of
 * its principals: nobody goes by one of them.
 * @throws UsageError
 */
export function personName(option: string, name: string): string {
  const checked = PersonName.safeParse(name);
  if (!checked.success) throw new UsageError(`${option} ${name}: ${checked.error.issues[0]?.message}`);
  if (PRINCIPALS.some((principal) => principal === name))
    throw new UsageError(`${option} ${name}: the system itself goes by this name; give a person's`);
  return name;
}

/**
 * On a state directory a person acts as what a certificate in force says: a second person is somebody who was let in before.
 * @throws UsageError
 */
export function actingPerson(people: EmbeddedPeople, as: string, role: string): string {
  personName('--as', as);
  if (people.list().some((one) => one.name === as && one.role === role && one.status === 'active')) return as;
  throw new UsageError(`--as ${as}: no certificate in force says that ${as} is ${role}; joulekeep certificate issue makes one`);
}

/** Who looks at what is kept, for the record: `--as`, else the user of the operating system. @throws UsageError */
export function whoLooks(as: string | undefined): string {
  if (as !== undefined) return personName('--as', as);
  try {
    return userInfo().username;
  } catch {
    throw new UsageError('the operating system has no name for you: give --as NAME, which is recorded');
  }
}
