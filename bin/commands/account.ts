import { Command } from 'commander';
import { type AccountState, account } from '../../domain/account/account.ts';
import { closeAccount, openAccount } from '../../lambdas/register/tenancy.ts';
import { foldStream } from '../../lambdas/shared/streams.ts';
import { openAudit } from '../../platform/embedded/audit.ts';
import { onRegister } from '../service/register-state.ts';
import { UsageError } from '../terminal/fail.ts';

const STATE: [string, string] = ['--state <dir>', 'state directory of the service'];

/** `joulekeep account list|show|open|close`. */
export function accountCommand(): Command {
  const list = new Command('list')
    .description('list accounts, a line each: account, open or closed, usage points it has now')
    .requiredOption(...STATE)
    .action(listAccounts);
  const show = new Command('show')
    .description('show the tenancies of an account')
    .argument('<account>', 'id of the account')
    .requiredOption(...STATE)
    .option('--json', 'one JSON object')
    .action(showAccount);
  const open = new Command('open')
    .description('open an account; no service may run on the state directory')
    .argument('<account>', '1 to 64 of A-Z, a-z, 0-9, dot, dash and underline')
    .requiredOption(...STATE)
    .action(async (id: string, { state }: { state: string }) => {
      await onRegister(state, (platform) => openAccount(platform, id));
      process.stdout.write(`${id} is open\n`);
    });
  const close = new Command('close')
    .description('close an account whose tenancies have ended; no service may run on the state directory')
    .argument('<account>', 'id of the account')
    .requiredOption(...STATE)
    .action(async (id: string, { state }: { state: string }) => {
      await onRegister(state, (platform) => closeAccount(platform, id));
      process.stdout.write(`${id} is closed\n`);
    });
  return new Command('account')
    .description('customers of the utility')
    .addCommand(list)
    .addCommand(show)
    .addCommand(open)
    .addCommand(close);
}

async function listAccounts({ state: dir }: { state: string }): Promise<void> {
  const audit = openAudit(dir);
  try {
    for await (const stream of audit.events.streams('account/')) {
      const { state } = await foldStream(audit.events, stream, account);
      if (state.status !== 'unopened') process.stdout.write(`${state.accountId}  ${state.status}  ${current(state).join(' ') || '-'}\n`);
    }
  } finally {
    audit.close();
  }
}

async function showAccount(id: string, { state: dir, json }: { state: string; json?: true }): Promise<void> {
  const audit = openAudit(dir);
  try {
    const { state } = await foldStream(audit.events, `account/${id}`, account);
    if (state.status === 'unopened') throw new UsageError(`${id}: there is no such account; see joulekeep account list`);
    process.stdout.write(json ? `${JSON.stringify(state)}\n` : asText(state));
  } finally {
    audit.close();
  }
}

type Known = Exclude<AccountState, { status: 'unopened' }>;

function asText({ accountId, status, tenancies }: Known): string {
  const spans = Object.entries(tenancies).flatMap(([usagePoint, list]) =>
    list.map(({ from, until }) => `  ${usagePoint}  ${utc(from)} .. ${until === undefined ? '' : utc(until)}\n`),
  );
  return `${accountId}  ${status}\n${spans.join('')}`;
}

function current({ tenancies }: Known): string[] {
  return Object.entries(tenancies).flatMap(([usagePoint, spans]) => (spans.some(({ until }) => until === undefined) ? [usagePoint] : []));
}

function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16)}Z`;
}
