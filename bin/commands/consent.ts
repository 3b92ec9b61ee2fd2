import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { GrantedConsent } from '../../domain/consent/consent-state.ts';
import { PURPOSES, RESOLUTIONS } from '../../domain/consent/purposes.ts';
import type { ConsentDataClass, ConsentPurpose, DataResolution } from '../../events/index.ts';
import { rebuildConsentIndex } from '../../lambdas/consent/consent-index.ts';
import { Consents, type NarrowedScope, type SignedIn } from '../../lambdas/consent/consents.ts';
import { type DisclosureEntry, disclosureHistory } from '../../lambdas/consent/disclosure-history.ts';
import { utcDate } from '../../lambdas/shared/days/utc-date.ts';
import type { Embedded } from '../../platform/embedded/platform.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import type { ApiRole } from '../../topology/route.ts';
import { withState } from '../service/state.ts';
import { calendarDay, wholeNumber } from '../terminal/arguments.ts';
import { UsageError } from '../terminal/fail.ts';
import { knownAccount } from '../terminal/known-account.ts';
import { asPerson, type PersonOptions, withPersonOptions } from '../terminal/person-options.ts';
import { counted } from '../texts/counted.ts';

const DAY_MS = 86_400_000;
/** Who writes down what a customer said. */
const ROLES: readonly ApiRole[] = ['operator', 'supervisor'];
const DATA: readonly ConsentDataClass[] = ['usage', 'generation', 'bills'];

interface StateOptions {
  readonly state: string;
}

interface ScopeOptions extends PersonOptions {
  readonly resolution?: DataResolution;
  readonly from?: number;
  readonly until?: number;
  readonly days?: number;
  readonly data?: ConsentDataClass[];
  readonly point?: string[];
}

interface GrantOptions extends ScopeOptions {
  readonly recipient: string;
  readonly purpose: ConsentPurpose;
  readonly resolution: DataResolution;
  readonly from: number;
  readonly until: number;
  readonly days: number;
  readonly text: string;
}

/** `joulekeep consent list|show|grant|narrow|revoke|index`: what customers allow third parties, and what those got. */
export function consentCommand(): Command {
  return new Command('consent')
    .description('what customers allow third parties, and what those got; no service may run on the state directory')
    .addCommand(onAccount('list', 'list the consents of an account, a line each').action(list))
    .addCommand(
      onAccount('show', 'show who got data of an account, and who was refused').argument('[consent]', 'of this consent only').action(show),
    )
    .addCommand(grantCommand())
    .addCommand(
      scoped('narrow', 'allow less from now on, on the customer’s word').argument('<consent>', 'id of the consent').action(narrow),
    )
    .addCommand(onAccount('revoke', 'end a consent now').argument('<consent>', 'id of the consent').action(revoke))
    .addCommand(
      new Command('index')
        .description('find every consent anew by account, after the directory was lost')
        .requiredOption('--state <dir>', 'state directory of the service')
        .action(index),
    );
}

function onAccount(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('<account>', 'id of the account')
    .requiredOption('--state <dir>', 'state directory of the service');
}

/** On the customer's word, which somebody writes down. */
function scoped(name: string, description: string): Command {
  return withPersonOptions(new Command(name), ROLES)
    .description(description)
    .argument('<account>', 'id of the account')
    .addOption(new Option('--resolution <finest>', 'finest that may be seen').choices(RESOLUTIONS))
    .option('--from <day>', 'first day of the data, UTC', calendarDay)
    .option('--until <day>', 'first day that is no more of the data, UTC', calendarDay)
    .option('--days <n>', 'days that the consent lasts from now', wholeNumber(1, 397))
    .addOption(new Option('--data <class...>', 'classes of data').choices(DATA))
    .option('--point <id...>', 'usage points; all of the account when absent');
}

function grantCommand(): Command {
  const command = scoped('grant', 'write down a consent on the customer’s word')
    .requiredOption('--recipient <id>', 'who may have the data')
    .addOption(new Option('--purpose <what>', 'what for').choices(Object.keys(PURPOSES)).makeOptionMandatory())
    .requiredOption('--text <file>', 'the text that the customer agreed to; its SHA-256 is recorded');
  for (const option of command.options)
    if (['--resolution', '--from', '--until', '--days'].includes(option.long ?? '')) option.makeOptionMandatory();
  return command.action(grant);
}

/** Works as the principal `consent`. */
function onConsents<T>(state: string, work: (consents: Consents, platform: Platform) => Promise<T>): Promise<T> {
  return withState(state, (embedded) => work(...consentsOf(embedded)));
}

function consentsOf(embedded: Embedded): [Consents, Platform] {
  const platform = embedded.as('consent');
  return [new Consents(platform, ALL_DEFENCES), platform];
}

/** Works as the principal `consent` for a customer who said it to a person of the utility, whose certificate is in force. */
function onWord<T>(account: string, who: PersonOptions, work: (consents: Consents, customer: SignedIn) => Promise<T>): Promise<T> {
  return asPerson(who, ROLES, (embedded, person) =>
    work(consentsOf(embedded)[0], { account, authTime: Date.now(), authMethod: `word to ${person}` }),
  );
}

async function list(account: string, { state }: StateOptions): Promise<void> {
  const consents = await onConsents(state, async (all, platform) => {
    await knownAccount(platform, account);
    return all.list(account);
  });
  if (consents.length === 0) process.stderr.write(`${account}: no consents on record\n`);
  for (const consent of consents) process.stdout.write(`${lineOf(consent)}\n`);
}

async function show(account: string, consentId: string | undefined, { state }: StateOptions): Promise<void> {
  const entries = await onConsents(state, async (consents, platform) => {
    await knownAccount(platform, account);
    return disclosureHistory(platform, consents, account, consentId);
  });
  if (entries.length === 0) process.stderr.write(`${account}: nobody got data by consent, and nobody was refused\n`);
  for (const entry of entries) process.stdout.write(`${entryLine(entry)}\n`);
}

async function grant(account: string, options: GrantOptions): Promise<void> {
  const { recipient, purpose, resolution, from, until, days, data = ['usage'], point, text } = options;
  const wish = { recipient, purpose, resolution, from, until, dataClasses: data, ...(point && { usagePoints: point }) };
  const consentId = await onWord(account, options, (consents, customer) =>
    consents.grant(customer, { ...wish, expiresAt: customer.authTime + days * DAY_MS, textHash: hashOf(text) }),
  );
  process.stdout.write(`${consentId} is granted\n`);
}

async function narrow(account: string, consentId: string, options: ScopeOptions): Promise<void> {
  const { resolution, from, until, days, data, point } = options;
  const scope: NarrowedScope = {
    ...(resolution && { resolution }),
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(days === undefined ? {} : { expiresAt: Date.now() + days * DAY_MS }),
    ...(data && { dataClasses: data }),
    ...(point && { usagePoints: point }),
  };
  if (Object.keys(scope).length === 0)
    throw new UsageError('nothing to narrow: give --resolution, --from, --until, --days, --data or --point');
  await onWord(account, options, (consents, customer) => consents.narrow(customer, consentId, scope));
  process.stdout.write(`${consentId} is narrowed\n`);
}

async function revoke(account: string, consentId: string, { state }: StateOptions): Promise<void> {
  await onConsents(state, (consents) => consents.revoke({ account }, consentId));
  process.stdout.write(`${consentId} is revoked\n`);
}

async function index({ state }: StateOptions): Promise<void> {
  const found = await onConsents(state, (_, platform) => rebuildConsentIndex(platform));
  process.stdout.write(`${counted(found, 'consent')} found\n`);
}

function hashOf(file: string): string {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  } catch (error) {
    throw new UsageError(`${file} can't be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function lineOf(consent: GrantedConsent): string {
  const { consentId, status, recipient, purpose, resolution, dataClasses, from, until, expiresAt } = consent;
  const window = `data of ${utcDate(from)} .. ${utcDate(until)}`;
  return `${consentId}  ${status}  ${recipient}  ${purpose}  ${dataClasses.join('+')} by ${resolution}  ${window}  until ${utcDate(expiresAt)}`;
}

function entryLine(entry: DisclosureEntry): string {
  const { consentId, at, recipient, outcome, resolution, from, until, requestId } = entry;
  const what = entry.outcome === 'disclosed' ? `${counted(entry.rows, 'row')}, sha256 ${entry.hash.slice(0, 16)}` : entry.why;
  const window = `${utcDate(from)} .. ${utcDate(until)} by ${resolution}`;
  return `${new Date(at).toISOString()}  ${outcome}  ${recipient}  ${window}  ${what}  request ${requestId}  consent ${consentId}`;
}
