import { createReadStream } from 'node:fs';
import { Command } from 'commander';
import { checkFile, type ImportedBlock, type ImportSink } from '../../exchange/import.ts';
import { applyImport, capital, type ImportKind } from '../exchange/apply-import.ts';
import { withState } from '../service/state.ts';
import { UsageError } from '../terminal/fail.ts';
import { actingPerson } from '../terminal/person.ts';
import { counted } from '../texts/counted.ts';

/** Who may change meter days. */
const ROLES = ['operator', 'supervisor'];

/** `joulekeep import check FILE`: reads a foreign file and says what is in it, or what is wrong. `import edits|check-meter FILE` takes it. Exit code 2 on a bad file. */
export function importCommand(): Command {
  const check = new Command('check')
    .description('read a NEM12, NEM13 or CSV file: a summary, or every problem as file:line:column; nothing is imported')
    .argument('<file>', 'the file')
    .action(checkImport);
  return new Command('import')
    .description('readings from other systems')
    .addCommand(check)
    .addCommand(taking('edits', 'its values become agreed readings (E11) where they differ from what stands'))
    .addCommand(
      taking(
        'check-meter',
        "its values become estimates by a check meter (E1) where nothing billable was measured; one over several of the meter's intervals is shared by them (E9)",
      ),
    );
}

interface TakeOptions {
  readonly state: string;
  readonly as: string;
  readonly role: string;
  readonly reason: string;
}

function taking(kind: ImportKind, what: string): Command {
  return new Command(kind)
    .description(`read a NEM12 or CSV file: ${what}. All of the file or nothing; no service may run on the state directory`)
    .argument('<file>', 'the file')
    .requiredOption('--state <dir>', 'state directory of the service')
    .requiredOption('--as <name>', 'who imports: somebody with a certificate of the role')
    .requiredOption('--role <role>', `one of ${ROLES.join(', ')}`)
    .requiredOption('--reason <code>', 'code of the reason, for the record')
    .action((file: string, options: TakeOptions) => takeImport(kind, file, options));
}

async function takeImport(kind: ImportKind, file: string, { state, as: by, role, reason }: TakeOptions): Promise<void> {
  if (!ROLES.includes(role)) throw new UsageError(`--role ${role}: one of ${ROLES.join(', ')} is expected`);
  if (reason.trim() === '') throw new UsageError('--reason says something');
  const applied = await readable(file, () =>
    withState(state, async (platform) => {
      actingPerson(platform.people, by, role);
      return applyImport(platform.as('editing'), file, { kind, by, role, reason });
    }),
  );
  if ('problems' in applied) {
    for (const { line, column, what } of applied.problems) process.stderr.write(`${file}:${line}:${column ?? 1}: ${what}\n`);
    throw new UsageError(`${file} has ${counted(applied.problems.length, 'problem')}: nothing of it was imported`);
  }
  const { slots, days, proposed, unchanged } = applied;
  const waiting = proposed === 0 ? '' : `; ${proposed} of the days are final and wait for a second person`;
  process.stdout.write(`${counted(slots, 'slot')} of ${counted(days, 'day')} changed, ${unchanged} left unchanged${waiting}\n`);
}

/** @throws UsageError when the file can't be read */
async function readable<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (path !== file || code === undefined || !/^E(NOENT|ISDIR|ACCES|PERM)$/.test(code)) throw error;
    throw new UsageError(`${file} can't be read (${code}): name a file that is there`);
  }
}

async function checkImport(file: string): Promise<void> {
  const summary = new Summary();
  const outcome = await readable(file, () => checkFile(createReadStream(file), summary));
  if (outcome.ok) {
    process.stdout.write(`${file}: ${outcome.format}, sound\n${summary.text()}`);
    return;
  }
  for (const { line, column, reason, remedy } of outcome.problems)
    process.stderr.write(`${file}:${line}:${column}: ${reason}. ${capital(remedy)}.\n`);
  const unlisted = outcome.count - outcome.problems.length;
  throw new UsageError(
    `${file} has ${counted(outcome.count, 'problem')}${unlisted > 0 ? `, ${unlisted} of them not listed` : ''}: nothing of it can be imported`,
  );
}

/** Counts what is in a file, in no more memory than its registers take. */
class Summary implements ImportSink {
  readonly #registers = new Set<string>();
  readonly #energy = new Map<string, bigint>();
  readonly #slots = new Map<string, number>();
  readonly #aside: string[] = [];
  #days = 0;
  #reads = 0;
  #dates: { first: string; last: string } | undefined;

  block({ usagePoint, meter, register, date, unit, values, quality }: ImportedBlock): void {
    this.#days++;
    this.#registers.add(`${usagePoint} ${meter} ${register}`);
    const { first = date, last = date } = this.#dates ?? {};
    this.#dates = { first: date < first ? date : first, last: date > last ? date : last };
    this.#add(
      `${unit} in ${register}`,
      values.reduce<number>((sum, value) => sum + (value ?? 0), 0),
    );
    for (const { first, last, flag } of quality) this.#slots.set(flag, (this.#slots.get(flag) ?? 0) + last - first + 1);
  }

  read({ usagePoint, meter, register, unit, quantity }: Parameters<ImportSink['read']>[0]): void {
    this.#reads++;
    this.#registers.add(`${usagePoint} ${meter} ${register}`);
    this.#add(`${unit} in ${register}`, quantity);
  }

  setAside({ usagePoint, register, unit }: Parameters<ImportSink['setAside']>[0]): void {
    this.#aside.push(`${usagePoint} ${register} (${unit === '' ? 'no unit' : unit})`);
  }

  text(): string {
    const list = (entries: Iterable<[string, number | bigint]>) => [...entries].map(([name, n]) => `${n} ${name}`).join(', ');
    const lines = [`registers  ${this.#registers.size}`];
    if (this.#dates !== undefined) lines.push(`days       ${this.#days}, from ${this.#dates.first} to ${this.#dates.last}`);
    if (this.#reads > 0) lines.push(`reads      ${this.#reads}`);
    if (this.#energy.size > 0) lines.push(`energy     ${list(this.#energy)}`);
    if (this.#slots.size > 0)
      lines.push(`slots      ${list([...this.#slots].map(([flag, n]) => [flag === '' ? 'of unstated quality' : flag, n]))}`);
    if (this.#aside.length > 0) lines.push(`no energy  ${this.#aside.join(', ')}`);
    return `${lines.join('\n')}\n`;
  }

  #add(register: string, amount: number): void {
    this.#energy.set(register, (this.#energy.get(register) ?? 0n) + BigInt(amount));
  }
}
