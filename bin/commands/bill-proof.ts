import { Command } from 'commander';
import { periodOf } from '../../domain/billing/period-calendar.ts';
import { proveBill } from '../../lambdas/bill-proof/prove-bill.ts';
import { billStreams } from '../../lambdas/billing/open-billing.ts';
import { CHECKPOINT_KEY } from '../../lambdas/log/places.ts';
import type { Embedded } from '../../platform/embedded/platform.ts';
import { generationsOf } from '../../platform/ports/signatures.ts';
import { wholeNumber } from '../arguments.ts';
import { UsageError } from '../fail.ts';
import { whoLooks } from '../person.ts';
import { withState } from '../state.ts';
import { writeWhole } from '../whole-file.ts';
import { month } from './bill-period-options.ts';

const STATE = 'state directory of the service, which must not run';

interface ProofOptions {
  readonly state: string;
  readonly account: string;
  readonly period: string;
  readonly startDay: number;
  readonly point?: string;
  readonly out: string;
  readonly as?: string;
}

/** `joulekeep bill proof`: a bill with all it rests on, for whoever wants to check it elsewhere. */
export function proofCommand(): Command {
  return new Command('proof')
    .description('write a bill with everything it rests on into one file, which joulekeep verify --proof checks anywhere')
    .requiredOption('--account <id>', 'account id')
    .requiredOption('--period <month>', 'e.g. 2013-06: the bill of the period that begins in this month', month)
    .requiredOption('--out <file>', 'file to write')
    .requiredOption('--state <dir>', STATE)
    .option('--point <id>', 'usage point, where the account has several')
    .option('--start-day <n>', 'day of the month on which periods begin', wholeNumber(1, 28), 1)
    .option('--as <name>', 'who asks, for the record; your user name when absent')
    .action(writeProof);
}

async function writeProof({ state, account, period, startDay, point, out, as }: ProofOptions): Promise<void> {
  const person = whoLooks(as);
  const { from } = periodOf(`${period}-${String(startDay).padStart(2, '0')}`, startDay);
  const text = await withState(state, async (embedded) => {
    const platform = embedded.as('billing');
    const found = (await billStreams(platform, account)).filter(
      (stream) => stream.endsWith(`.${from}`) && (point === undefined || stream === `bill/${account}/${point}.${from}`),
    );
    if (found.length !== 1) throw new UsageError(`${account}: ${found.length} bills begin on ${from}; see joulekeep bill show, --point`);
    return JSON.stringify(await proveBill(platform, { stream: found[0]!, account, purpose: 'export', person }));
  });
  writeWhole(out, (write) => write(text));
  process.stdout.write(`${out}: ${Math.ceil(text.length / 1024)} KiB; joulekeep verify --proof ${out} --keys FILE checks it\n`);
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
