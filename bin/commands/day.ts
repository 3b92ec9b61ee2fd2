import { randomUUID } from 'node:crypto';
import { Command, InvalidArgumentError, Option } from 'commander';
import { EDIT_METHODS, EDIT_REASONS } from '../../api/edits.ts';
import { type ApiCalls, type ApiOptions, withApi, withApiOptions } from '../api-calls.ts';
import { calendarDay, wholeNumber } from '../terminal/arguments.ts';
import { UsageError } from '../terminal/fail.ts';
import { dayText, editedText, previewText } from '../texts/day-text.ts';
import { dayListCommand } from './day-list.ts';

interface EditOptions extends ApiOptions {
  readonly channel?: number;
  readonly slots?: readonly number[];
  readonly values?: readonly number[];
  readonly method?: string;
  readonly reason?: string;
  readonly note?: string;
  readonly edit?: number;
  readonly etag?: string;
  readonly request?: string;
  readonly preview?: true;
}

/** `joulekeep day show|accept|estimate|edit|agree|undo|finalize|approve|reject`. */
export function dayCommand(): Command {
  const command = new Command('day').description('look at a meter day, and edit it; a final day waits for a second person');
  const show = named('show', 'what was measured, what counts, findings, edits')
    .option('--at <instant>', 'as it was known then, e.g. 2026-01-16T07:00:00Z')
    .option('--all', 'every slot, not only those with something to say')
    .action(showDay);
  const accept = edit(named('accept', 'measured values count though validation held them'));
  const estimate = edit(named('estimate', 'estimate by a method of your choice')).addOption(methodOption().makeOptionMandatory());
  const values = edit(named('edit', 'values by hand')).addOption(valuesOption().makeOptionMandatory());
  const agree = edit(named('agree', 'values that customer and utility agreed upon')).addOption(valuesOption().makeOptionMandatory());
  const undo = change(
    reasoned(named('undo', 'take an edit back: what stood before it stands again').argument('<edit>', 'number', ordinal)),
  );
  const finalize = change(reasoned(named('finalize', 'final now, with its flags, though it is neither whole nor due'))).action(finalizeDay);
  accept.action((meter, day, options) => editDay(meter, day, options, { kind: 'accept', ...slotsOf(options) }));
  estimate.action((meter, day, options) => editDay(meter, day, options, { kind: 'estimate', method: options.method, ...slotsOf(options) }));
  values.action((meter, day, options) => editDay(meter, day, options, { kind: 'values', energyWh: options.values, ...slotsOf(options) }));
  agree.action((meter, day, options) => editDay(meter, day, options, { kind: 'agreed', energyWh: options.values, ...slotsOf(options) }));
  undo.action((meter, day, number, options) => undoEdit(meter, day, number, options));
  command.addCommand(dayListCommand());
  command.addCommand(withApiOptions(show));
  for (const one of [accept, estimate, values, agree, undo, finalize]) command.addCommand(withApiOptions(one));
  for (const [name, text] of DECISIONS) {
    const decision = change(named(name, text).argument('<edit>', 'number', ordinal));
    command.addCommand(withApiOptions(decision.action((meter, day, number, options) => decide(meter, day, number, name, options))));
  }
  return command;
}

const DECISIONS = [
  ['approve', 'let an edit of a final day count that somebody else proposed'],
  ['reject', 'turn down an edit that waits for a second person'],
] as const;
const ordinal = wholeNumber(1, 65_535);

function named(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('<meter>', 'meter id, 16 hexadecimal digits')
    .argument('<day>', 'local date, e.g. 2026-01-15; a later part of a divided day 2026-01-15.2', dayOrPart);
}

/** @throws InvalidArgumentError for what is no date of the calendar */
function dayOrPart(text: string): string {
  const [date = '', ...part] = text.split('.');
  calendarDay(date);
  if (part.length > 1 || part.some((number) => !/^[1-9]\d?$/.test(number)))
    throw new InvalidArgumentError('a day like 2013-06-01 is expected, or a part of it like 2013-06-01.2.');
  return text;
}

function reasoned(command: Command): Command {
  return command
    .addOption(new Option('--reason <code>', 'why').choices(EDIT_REASONS).makeOptionMandatory())
    .option('--note <text>', 'what a person should know about it', '')
    .option('--preview', 'only say what it would do to energy and money');
}

function change(command: Command): Command {
  return command
    .option('--etag <tag>', 'change the day only if it is still what day show printed')
    .option('--request <key>', 'the same key again is the same edit (16 to 64 of A-Z, a-z, 0-9, _ and -)');
}

function edit(command: Command): Command {
  return change(reasoned(command))
    .option('--channel <n>', 'number of the channel', wholeNumber(0, 15), 0)
    .requiredOption('--slots <list>', 'e.g. 40-43,50', slotList);
}

function methodOption(): Option {
  return new Option('--method <code>', 'of the estimation ladder').choices(EDIT_METHODS);
}

function valuesOption(): Option {
  return new Option('--values <list>', 'one per slot, in the unit of the channel, e.g. 120,118,0,95').argParser(valueList);
}

function slotList(text: string): number[] {
  const slots = text.split(',').flatMap((part) => {
    const [, from, to = from] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part) ?? [];
    if (from === undefined || Number(to) < Number(from)) throw new InvalidArgumentError('slots like 40-43,50 are expected.');
    return Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) => Number(from) + i);
  });
  return [...new Set(slots)].sort((a, b) => a - b);
}

function valueList(text: string): number[] {
  const values = text.split(',');
  if (!values.every((value) => /^\d{1,10}$/.test(value))) throw new InvalidArgumentError('whole numbers like 120,118,0 are expected.');
  return values.map(Number);
}

function slotsOf({ channel, slots }: EditOptions) {
  return { channel, slots };
}

function pathOf(meter: string, day: string): string {
  return `/v1/days/${encodeURIComponent(meter)}/${encodeURIComponent(day)}`;
}

async function showDay(meter: string, day: string, options: ApiOptions & { at?: string; all?: true }): Promise<void> {
  const request = { method: 'GET', path: pathOf(meter, day), query: { at: options.at } } as const;
  const { body, etag } = await withApi(options, (call) => call(request));
  process.stdout.write(options.json ? `${JSON.stringify(body)}\n` : dayText(body, etag, options.all ?? false));
}

async function editDay(meter: string, day: string, options: EditOptions, edit: object): Promise<void> {
  const body = { ...edit, reason: options.reason, note: options.note };
  await preview(meter, day, options, body, (call) => changed(call, pathOf(meter, day), '/edits', options, body));
}

async function undoEdit(meter: string, day: string, number: number, options: EditOptions): Promise<void> {
  const words = { reason: options.reason, note: options.note };
  const undo = (call: ApiCalls) => changed(call, pathOf(meter, day), `/edits/${number}/undo`, options, words);
  await preview(meter, day, options, { kind: 'undo', edit: number, ...words }, undo);
}

async function finalizeDay(meter: string, day: string, options: EditOptions): Promise<void> {
  const words = { reason: options.reason, note: options.note };
  const finalize = (call: ApiCalls) => changed(call, pathOf(meter, day), '/finalize', options, words);
  await preview(meter, day, options, { kind: 'finalize', ...words }, finalize);
}

async function decide(meter: string, day: string, number: number, decision: string, options: EditOptions): Promise<void> {
  await withApi(options, (call) => changed(call, pathOf(meter, day), `/edits/${number}/${decision}`, options, {}));
}

async function preview(
  meter: string,
  day: string,
  options: EditOptions,
  body: object,
  save: (call: ApiCalls) => Promise<void>,
): Promise<void> {
  await withApi(options, async (call) => {
    if (!options.preview) return await save(call);
    const reply = await call({ method: 'POST', path: `${pathOf(meter, day)}/preview`, body });
    process.stdout.write(options.json ? `${JSON.stringify(reply.body)}\n` : previewText(reply.body));
  });
}

/** Without --etag: whatever the day is at this moment. */
async function changed(call: ApiCalls, path: string, action: string, options: EditOptions, body: object): Promise<void> {
  const seen = options.etag ?? (await call({ method: 'GET', path })).etag;
  if (seen === undefined) throw new UsageError('the day has no version');
  const headers = { 'idempotency-key': options.request ?? randomUUID(), 'if-match': seen };
  const reply = await call({ method: 'POST', path: `${path}${action}`, headers, body });
  process.stdout.write(options.json ? `${JSON.stringify(reply.body)}\n` : editedText(reply.body));
}
