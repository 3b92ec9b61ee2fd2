import { Command, Option } from 'commander';
import type { SessionEnded, SessionsOf } from '../../api/session.ts';
import type { SignInAccount } from '../../platform/embedded/identity/accounts.ts';
import type { Embedded } from '../../platform/embedded/platform.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { Sessions } from '../../platform/ports/sessions.ts';
import { PERSON_ROLES, type PersonRole } from '../../topology/route.ts';
import { type ApiOptions, withApi } from '../api-calls.ts';
import { withState } from '../service/state.ts';
import { UsageError } from '../terminal/fail.ts';
import { knownAccount } from '../terminal/known-account.ts';
import { claimName, HUMAN_OPTION } from '../terminal/person.ts';
import { counted } from '../texts/counted.ts';

const STATE = ['--state <dir>', 'state directory of the service, which must not run'] as const;

/** `joulekeep sign-in add|list|remove|reset|end`: who may sign in to portal and console. */
export function signInCommand(): Command {
  const add = new Command('add')
    .description('let somebody sign in: a customer with an account, or a person of the utility with a role; says the passphrase once')
    .argument('<name>', 'what they sign in with: a-z, 0-9 and dashes; of a person of the utility it stands in every edit')
    .option('--account <account>', 'of a customer')
    .addOption(new Option('--role <role>', 'of a person of the utility').choices(PERSON_ROLES))
    .option(...HUMAN_OPTION)
    .requiredOption(...STATE)
    .action(addSignIn);
  const list = new Command('list')
    .description('who may sign in')
    .requiredOption(...STATE)
    .action(({ state }: { state: string }) => withState(state, listSignIns));
  const remove = new Command('remove')
    .description('let somebody sign in no more, and end their sessions')
    .argument('<name>')
    .requiredOption(...STATE)
    .action(removeSignIn);
  const reset = new Command('reset')
    .description('another passphrase, no passkeys, no sessions: for whoever lost them; says the passphrase once')
    .argument('<name>')
    .requiredOption(...STATE)
    .action(resetSignIn);
  const end = new Command('end')
    .description(
      'end every session of somebody at a service that runs, as a security officer: whoever was disabled at the identity provider',
    )
    .option('--person <name>', 'a person of the utility')
    .option('--account <account>', 'a customer')
    .requiredOption('--url <url>', 'the console’s door, e.g. https://127.0.0.1:8443')
    .requiredOption('--cert <file>', 'your certificate, PEM')
    .requiredOption('--key <file>', 'its private key, PEM')
    .requiredOption('--ca <file>', 'certificate of the service, PEM')
    .action(endSignIn);
  const command = new Command('sign-in').description('who may sign in to the portal and the console');
  return command.addCommand(add).addCommand(list).addCommand(remove).addCommand(reset).addCommand(end);
}

interface AddOptions {
  readonly account?: string;
  readonly role?: PersonRole;
  readonly human?: string;
  readonly state: string;
}

async function addSignIn(name: string, { account: id, role, human, state }: AddOptions): Promise<void> {
  if ((id === undefined) === (role === undefined)) throw new UsageError('give either --account or --role');
  if (role === undefined && human !== undefined) throw new UsageError('--human is for people of the utility');
  const whose = id === undefined ? { kind: 'person' as const, role: role! } : { kind: 'customer' as const, account: id };
  await withState(state, async ({ as, people, identity }) => {
    if (id !== undefined) await checkAccount(as('enrol'), id);
    if (role !== undefined) claimName({ people, identity }, name, role, human);
    tell(name, await identity.add(name, whose));
  });
}

/** Whoever signs in to an account that is nobody's sees an empty portal, and nobody knows why. */
async function checkAccount(platform: Platform, id: string): Promise<void> {
  const { status } = await knownAccount(platform, id);
  if (status === 'closed') throw new UsageError(`${id}: the account is closed; nobody signs in to it any more`);
}

async function listSignIns({ identity }: Embedded): Promise<void> {
  const all = identity.list();
  if (all.length === 0) process.stderr.write('nobody may sign in\n');
  for (const one of all) {
    const passkeys = identity.passkeys.of(one.id).length;
    process.stdout.write(`${one.name}  ${one.kind === 'customer' ? one.account : one.role}  ${counted(passkeys, 'passkey')}\n`);
  }
}

async function removeSignIn(name: string, { state }: { state: string }): Promise<void> {
  await withState(state, async (platform) => {
    const known = platform.identity.find(name);
    platform.identity.remove(name);
    if (known !== undefined) await endSessions(platform, known);
  });
  process.stdout.write(`${name} can sign in no more\n`);
}

async function resetSignIn(name: string, { state }: { state: string }): Promise<void> {
  await withState(state, async (platform) => {
    const passphrase = await platform.identity.reset(name);
    await endSessions(platform, platform.identity.find(name)!);
    tell(name, passphrase);
  });
}

/** What was begun before goes on no longer, whatever token of it somebody has. */
async function endSessions(platform: Embedded, known: SignInAccount): Promise<void> {
  const sessions = new Sessions({ ...platform.as('session'), wall: { now: () => Date.now() } });
  await sessions.endAll(known.kind === 'customer' ? { person: known.account, role: 'customer' } : { person: known.name, role: known.role });
}

interface EndOptions extends ApiOptions {
  readonly person?: string;
  readonly account?: string;
}

async function endSignIn({ person, account, ...api }: EndOptions): Promise<void> {
  if ((account === undefined) === (person === undefined)) throw new UsageError('give either --person or --account');
  const body = { person: (person ?? account)!, customer: account !== undefined } satisfies SessionsOf;
  const { body: answer } = await withApi(api, (call) => call({ method: 'POST', path: '/v1/console/sessions/end', body }));
  if (!(answer as SessionEnded).ended) throw new UsageError(`${nobody(body)}; a sign-in from before begins none, should there be one`);
  process.stdout.write(`${body.person}: every session is ended, and none begins by a sign-in from before\n`);
}

function nobody({ person, customer }: SessionsOf): string {
  return customer
    ? `${person}: no session of an account of this name runs here`
    : `${person}: nobody of this name has a session or a sign-in here`;
}

function tell(name: string, passphrase: string): void {
  process.stdout.write(`${name} signs in with the passphrase ${passphrase}, which is kept nowhere\n`);
}
