import { Command } from 'commander';
import type { ErasureState } from '../../domain/erasure/erasure-state.ts';
import {
  type ErasureStanding,
  erasureStanding,
  placeHold,
  releaseHold,
  requestErasure,
  withdrawErasure,
} from '../../lambdas/erasure/ask.ts';
import { utcDate } from '../../lambdas/shared/days/utc-date.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { ERASURE_GRACE_DAYS } from '../../topology/personal-data.ts';
import type { ApiRole } from '../../topology/route.ts';
import { withState } from '../service/state.ts';
import { knownAccount } from '../terminal/known-account.ts';
import { asPerson, type PersonOptions, withPersonOptions } from '../terminal/person-options.ts';

/** Who takes a customer's word, and who knows what the law holds. */
const ROLES: readonly ApiRole[] = ['operator', 'supervisor'];

interface ErasureOptions {
  readonly state: string;
  readonly account: string;
}

interface PersonalOptions extends ErasureOptions, PersonOptions {}

/** `joulekeep erasure request|withdraw|status|hold|release`: the end of a customer's personal data. The duty does the rest by the clock. */
export function erasureCommand(): Command {
  return new Command('erasure')
    .description('the end of a customer’s personal data; no service may run on the state directory')
    .addCommand(
      personal('request', `ask for it on the customer’s word; nothing is destroyed for ${ERASURE_GRACE_DAYS} days`).action(
        (options: PersonalOptions) => onErasures(options, (platform, person) => request(platform, options.account, person)),
      ),
    )
    .addCommand(
      personal('withdraw', 'take it back, as long as it has not begun').action((options: PersonalOptions) =>
        onErasures(options, async (platform, person) => {
          await withdrawErasure(platform, options.account, person);
          return [];
        }),
      ),
    )
    .addCommand(
      onAccount(new Command('status').requiredOption('--state <dir>', 'state directory of the service'))
        .description('show how it stands: what is still there, until when, and why')
        .action(async ({ state, account }: ErasureOptions) => {
          print(await withState(state, (embedded) => standing(embedded.as('erasure'), account)));
        }),
    )
    .addCommand(
      personal('hold', 'keep everything of the customer, whoever asks for its end')
        .requiredOption('--hold <name>', 'name of the hold, which is never used again')
        .requiredOption('--law <text>', 'by what law; it is recorded, so no name of anybody in it')
        .action((options: PersonalOptions & { readonly hold: string; readonly law: string }) =>
          onErasures(options, async (platform, person) => {
            await placeHold(platform, options.account, { hold: options.hold, legalBasis: options.law }, person);
            return [`${options.hold} holds everything of ${options.account} until somebody else releases it`];
          }),
        ),
    )
    .addCommand(
      personal('release', 'end a hold that somebody else placed')
        .requiredOption('--hold <name>', 'name of the hold')
        .action((options: PersonalOptions & { readonly hold: string }) =>
          onErasures(options, async (platform, person) => {
            await releaseHold(platform, options.account, options.hold, person);
            return [`${options.hold} is released`];
          }),
        ),
    );
}

function onAccount(command: Command): Command {
  return command.requiredOption('--account <id>', 'id of the account');
}

function personal(name: string, description: string): Command {
  return onAccount(withPersonOptions(new Command(name), ROLES)).description(description);
}

async function request(platform: Platform, account: string, person: string): Promise<readonly string[]> {
  const { state } = await erasureStanding(platform, account);
  await requestErasure(platform, account, { by: 'utility', person });
  return state.status === 'none' ? [] : [`asked already, by ${askedBy(state)}`];
}

/** Works as the principal `erasure` for a person whose certificate is in force, says what came of it, and shows how the account stands then. */
async function onErasures(
  { account, ...who }: PersonalOptions,
  work: (platform: Platform, person: string) => Promise<readonly string[]>,
): Promise<void> {
  await asPerson(who, ROLES, async (embedded, person) => {
    await knownAccount(embedded.as('erasure'), account);
    const said = await work(embedded.as('erasure'), person);
    print(await erasureStanding(embedded.as('erasure'), account), said);
  });
}

async function standing(platform: Platform, account: string): Promise<ErasureStanding> {
  await knownAccount(platform, account);
  return await erasureStanding(platform, account);
}

function print(standing: ErasureStanding, said: readonly string[] = []): void {
  process.stdout.write(`${[...said, ...linesOf(standing)].join('\n')}\n`);
}

function linesOf({ state, remaining, completeAt, tenancyLasts }: ErasureStanding): string[] {
  const { status, notBefore, holds, deferred } = state;
  const kept = Object.values(deferred).map(({ class: of, legalBasis, until }) => {
    return `kept: ${of}, ${legalBasis}, ${until === undefined ? 'as long as the tenancy lasts' : `until ${utcDate(until)}`}`;
  });
  const done = status === 'none' || status === 'complete';
  return [
    status === 'none' ? notAsked(state) : `erasure: ${status}`,
    ...(status === 'requested' && notBefore !== undefined ? [`nothing is destroyed before ${utcDate(notBefore)}`] : []),
    ...[...holds.values()].map(({ hold, legalBasis, by }) => `held: ${hold}, ${legalBasis}, by ${by}`),
    ...(!done && tenancyLasts ? ['waits for the tenancy to end: the days below are those if it ended today'] : []),
    ...(status === 'complete' ? [] : kept),
    ...(done ? [] : remaining.map(({ what, until }) => `still there: ${what}, ${tenancyLasts ? 'at least ' : ''}until ${utcDate(until)}`)),
    ...(done ? [] : [completeAt === undefined ? 'complete: not known yet' : `complete: ${utcDate(completeAt)}`]),
  ];
}

function notAsked({ withdrawn }: ErasureState): string {
  if (withdrawn === undefined) return 'nobody has asked for an erasure';
  return `the erasure that was asked for was taken back on ${utcDate(withdrawn.at)} by ${nameOf(withdrawn.by)}`;
}

function askedBy({ requestedBy = '', requestedAt = 0 }: ErasureState): string {
  return `${nameOf(requestedBy)}, on ${utcDate(requestedAt)}`;
}

function nameOf(by: string): string {
  return by === 'customer' ? 'the customer' : by;
}
