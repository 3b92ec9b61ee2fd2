import { Command } from 'commander';
import { noteWithdrawn, tellDisplayKeys, type WithdrawnKey, withdrawnKeys } from '../../lambdas/prices/key-list.ts';
import { publicKeyOf } from '../../lambdas/shared/feeds/jws-signer.ts';
import type { Embedded } from '../../platform/embedded/platform.ts';
import { keyThumbprint } from '../../protocol/key-list.ts';
import { KMS_KEYS } from '../../topology/keys.ts';
import { withState } from '../service/state.ts';
import { wholeNumber } from '../terminal/arguments.ts';
import { UsageError } from '../terminal/fail.ts';
import { actingPerson } from '../terminal/person.ts';

const STATE = ['--state <dir>', 'state directory of the service, which must not run'] as const;
/** Whose matter it is, and who may be the second. */
const WITHDRAWS = 'security-officer';
const AGREES = 'supervisor';
/** Those of the handshake are told to meters in a manifest, and end by its rules; checkpoints and anchors are history. */
const SIGNS = ['price', 'tariff', 'demand-response', 'application', 'webhook', 'billing-feed', 'operator-feed', 'third-party-feed'];

/** `joulekeep key withdraw|list`: a signing key that is in strange hands. */
export function keyCommand(): Command {
  const withdraw = new Command('withdraw')
    .description('end a generation of a signing key: it signs nothing any more, no list names it, and its successor signs from now on')
    .argument('<id>', SIGNS.join(', '))
    .requiredOption('--generation <n>', 'which one; the newest gets a successor', wholeNumber(1, 999_999))
    .requiredOption('--reason <text>', 'why; it is recorded')
    .requiredOption('--as <name>', `who you are: somebody with a certificate of a ${WITHDRAWS}; it is recorded`)
    .requiredOption('--second <name>', `who agrees: somebody else, with a certificate of a ${AGREES} or ${WITHDRAWS}; it is recorded`)
    .requiredOption(...STATE)
    .action(withdrawKey);
  const list = new Command('list')
    .description('signing keys with their generations, and which were withdrawn')
    .requiredOption(...STATE)
    .action(listKeys);
  return new Command('key').description('signing keys').addCommand(withdraw).addCommand(list);
}

interface WithdrawOptions {
  readonly generation: number;
  readonly reason: string;
  readonly as: string;
  readonly second: string;
  readonly state: string;
}

async function withdrawKey(id: string, { generation, reason, as, second, state }: WithdrawOptions): Promise<void> {
  const known = KMS_KEYS.find((key) => key.id === id);
  if (known === undefined || !SIGNS.includes(id)) throw new UsageError(`${id}: ${SIGNS.join(', ')} is expected`);
  if (reason.trim() === '') throw new UsageError('--reason: say why');
  await withState(state, async (platform) => {
    const by = actingPerson(platform.people, as, WITHDRAWS);
    const seconder = secondPerson(platform, second);
    if (seconder === by) throw new UsageError(`--second ${second}: somebody else has to agree`);
    const operator = platform.as('operator-cli');
    const key = `${id}-${generation}`;
    const already = await notedBefore(platform, id, key);
    if (already === undefined) {
      const reader = Object.keys(known.allow).find((principal) =>
        known.allow[principal as keyof typeof known.allow]!.includes('getPublicKey'),
      );
      const kid = keyThumbprint(await publicKeyOf(platform.as(reader as keyof typeof known.allow).kms, key));
      await noteWithdrawn(operator, { kid, key, at: Date.now(), by, second: seconder, reason });
    }
    // Also of one that is on record: what broke off behind the record is finished.
    await platform.kms.admin.withdraw(id, generation);
    await tellDisplayKeys(operator, platform.kms.admin, (bytes) => platform.ca.manifestRoot.sign(bytes));
    if (already !== undefined) return tell(`${key} (${already.kid}) is withdrawn already, ${whoDid(already)}`);
    platform.log.warn('signing key withdrawn', { code: 'KEY_WITHDRAWN', reason: key });
    tell(`${key} is withdrawn: docs/runbooks/signing-key-stolen.md says what follows`);
  });
}

/** The record of a generation that was withdrawn before. @throws UsageError for a generation that is not there */
async function notedBefore(platform: Embedded, id: string, key: string): Promise<WithdrawnKey | undefined> {
  const ids = (await platform.kms.admin.describe(id)).generations.map((one) => one.id);
  if (!ids.includes(key)) throw new UsageError(`${key}: there is ${ids.join(', ')}; joulekeep key list shows them`);
  return (await withdrawnKeys(platform.as('operator-cli'))).find((one) => one.key === key);
}

function whoDid({ by, second, reason }: WithdrawnKey): string {
  return `by ${by} with ${second}: ${reason}`;
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

function secondPerson({ people }: Embedded, name: string): string {
  const isOfficer = people.isInForce(name, WITHDRAWS);
  return actingPerson(people, name, isOfficer ? WITHDRAWS : AGREES);
}

async function listKeys({ state }: { state: string }): Promise<void> {
  await withState(state, async (platform) => {
    const withdrawn = await withdrawnKeys(platform.as('operator-cli'));
    for (const id of SIGNS) {
      const { generations } = await platform.kms.admin.describe(id);
      for (const one of generations) {
        const gone = withdrawn.find(({ key }) => key === one.id);
        const why = gone === undefined ? '' : `  withdrawn ${whoDid(gone)}`;
        process.stdout.write(`${one.id}  since ${new Date(one.createdAt).toISOString()}${why}\n`);
      }
    }
  });
}
