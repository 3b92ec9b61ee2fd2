import { Command } from 'commander';
import { proveBill } from '../../lambdas/bill-proof/prove-bill.ts';
import { billStreams } from '../../lambdas/billing/open-billing.ts';
import { CHECKPOINT_KEY } from '../../lambdas/log/places.ts';
import type { Embedded } from '../../platform/embedded/platform.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { generationsOf } from '../../platform/ports/signatures.ts';
import { refuseExisting, writeWhole } from '../exchange/whole-file.ts';
import { withState } from '../service/state.ts';
import { wholeNumber } from '../terminal/arguments.ts';
import { UsageError } from '../terminal/fail.ts';
import { knownAccount } from '../terminal/known-account.ts';
import { whoLooks } from '../terminal/person.ts';
import { hasDay, mayBeMeant, monthOrDay, PERIOD_HELP } from './bill-period-options.ts';
import { readBills } from './named-bills.ts';

const STATE = 'state directory of the service, which must not run';

interface ProofOptions {
  readonly state: string;
  readonly account: string;
  readonly period?: string;
  readonly startDay?: number;
  readonly point?: string;
  readonly out: string;
  readonly as?: string;
}

/** `joulekeep bill proof`: a bill with all it rests on, for whoever wants to check it elsewhere. */
export function proofCommand(): Command {
  return new Command('proof')
    .description('write a bill with everything it rests on into one file, which joulekeep verify --proof checks anywhere')
    .requiredOption('--account <id>', 'account id')
    .requiredOption('--out <file>', 'file to write; one that is there stays as it is')
    .requiredOption('--state <dir>', STATE)
    .option('--point <id>', 'usage point, where the account has several')
    .option('--period <month or day>', `${PERIOD_HELP}, where the account has several`, monthOrDay)
    .option('--start-day <n>', 'day of the month on which it begins, where several begin in this month', wholeNumber(1, 31))
    .option('--as <name>', 'who asks, for the record; your user name when absent')
    .action(writeProof);
}

async function writeProof(options: ProofOptions): Promise<void> {
  const { state, account, out, as } = options;
  const person = whoLooks(as);
  refuseExisting(out);
  const text = await withState(state, async (embedded) => {
    const platform = embedded.as('billing');
    await knownAccount(platform, account);
    const stream = await theBill(platform, person, options);
    return JSON.stringify(await proveBill(platform, { stream, account, purpose: 'export', person }));
  });
  writeWhole(out, (write) => write(text));
  process.stdout.write(`${out}: ${Math.ceil(text.length / 1024)} KiB; joulekeep verify --proof ${out} --keys FILE checks it\n`);
}

/** The one bill that is meant, of those that went out. @throws UsageError for none and for several, naming them */
async function theBill(platform: Platform, person: string, options: ProofOptions): Promise<string> {
  const { account } = options;
  const streams = await billStreams(platform, account);
  if (streams.length === 0) throw new UsageError(`${account}: no bills yet; see joulekeep bill run`);
  const { bills: read } = await readBills(platform, account, streams, { purpose: 'export', person });
  const out = read.filter(({ state }) => state.billed !== undefined);
  if (out.length === 0) throw new UsageError(`${account}: no bill went out yet; see joulekeep bill show ${account}`);
  const found = out.filter(({ stream, state }) => mayBeMeant(stream, options) && hasDay(state, options));
  if (found.length === 1) return found[0]!.stream;
  if (found.length === 0) throw new UsageError(`${account}: no bill that went out is of then or there; there are ${named(out)}`);
  throw new UsageError(`${account}: ${found.length} bills, say which by --period, --start-day, --point: ${named(found)}`);
}

function named(bills: readonly { readonly stream: string }[]): string {
  const streams = bills.map(({ stream }) => stream);
  return `${streams.slice(-12).join(', ')}${streams.length > 12 ? ` and ${streams.length - 12} before` : ''}`;
}

/** `joulekeep bill keys`: whom a reader of proofs has to believe. Told by another way than the proofs. */
export function keysCommand(): Command {
  return new Command('keys')
    .description('print what proofs of bills are checked with, PEM: keys that sign the log, the authority that certifies meters')
    .requiredOption('--state <dir>', STATE)
    .action(async ({ state }: { state: string }) => void process.stdout.write(await withState(state, keysOf)));
}

/** PEM blocks. */
export async function keysOf({ as, ca }: Pick<Embedded, 'as' | 'ca'>): Promise<string> {
  const generations = await generationsOf(as('operator-cli').kms, CHECKPOINT_KEY);
  const keys = [...new Set(generations.map((spki) => spki.toString('base64')))].map(pemOf);
  return `${keys.join('')}${ca.issuerOf('meter').toString()}`;
}

function pemOf(spki: string): string {
  return `-----BEGIN PUBLIC KEY-----\n${spki.match(/.{1,64}/g)!.join('\n')}\n-----END PUBLIC KEY-----\n`;
}
