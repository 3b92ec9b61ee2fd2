import { userInfo } from 'node:os';
import { PersonName } from '../../api/common.ts';
import type { EmbeddedPeople } from '../../platform/embedded/gateway/people.ts';
import type { Embedded } from '../../platform/embedded/platform.ts';
import { PRINCIPALS } from '../../topology/principals.ts';
import type { ApiRole } from '../../topology/route.ts';
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
  if (people.isInForce(as, role)) return as;
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

/** Of a human as the utility knows them, e.g. the personnel number. */
const HUMAN = /^\S.{0,126}\S$/;

/**
 * A name that is about to be given to somebody, as what: the same human by certificate and by sign-in has the same name and the same role,
 * and no second name. Without `human` only name and role can be held against each other.
 * @throws UsageError for a name that has another role, ERR_PERSON_TWICE
 */
export function claimName({ people, identity }: Pick<Embedded, 'people' | 'identity'>, name: string, role: ApiRole, human?: string): void {
  const signsIn = identity.find(name);
  const known = [
    ...people.list().flatMap((one) => (one.name === name && one.status === 'active' ? [`a certificate as ${one.role}`] : [])),
    ...(signsIn?.kind === 'person' ? [`a sign-in as ${signsIn.role}`] : []),
  ];
  const other = known.find((one) => !one.endsWith(` as ${role}`));
  if (other !== undefined)
    throw new UsageError(`${name} has ${other}, and can't be ${role} as well: end that first, or give another name to another human`);
  if (human === undefined) return;
  if (!HUMAN.test(human)) throw new UsageError('--human: what the utility knows the human by, 2 to 128 characters');
  people.claim(name, human);
}

export const HUMAN_OPTION = [
  '--human <id>',
  'what the utility knows the human by, e.g. the personnel number: one human has one name, by certificate and by sign-in',
] as const;
