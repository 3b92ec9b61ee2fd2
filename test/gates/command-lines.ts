import type { Command } from 'commander';

/** A command of ours as a page writes it, without what is before and behind it in a shell. */
export interface WrittenCommand {
  readonly words: readonly string[];
  /** In a block of code: to be typed as it stands. */
  readonly whole: boolean;
}

const CALLED = /^(?:\$ )?(?:npx |npm run )?joulekeep (?:-- )?(?=[a-z])/;
const WORD = /"[^"]*"|'[^']*'|\S+/g;
/** What a shell reads from here on is no word of ours. */
const SHELL = /\s(?:#|>|\||&&|;).*$/;

/** Everything in a page that reads `joulekeep ...`, in backticks and in blocks of code. */
export function commandsIn(page: string): readonly WrittenCommand[] {
  const found: WrittenCommand[] = [];
  const parts = page.split(/^```.*$/m);
  for (const [i, part] of parts.entries()) {
    const whole = i % 2 === 1;
    const lines = whole ? part.replaceAll(/\\\n\s*/g, ' ').split('\n') : [...part.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
    for (const line of lines.map((one) => one.replaceAll(/\s+/g, ' ').trim()).filter((one) => CALLED.test(one)))
      found.push({ whole, words: line.replace(CALLED, '').replace(SHELL, '').match(WORD) ?? [] });
  }
  return found;
}

/** What of a written command the command line would not take; empty where nothing is wrong. */
export function commandFaults(program: Command, { words, whole }: WrittenCommand): readonly string[] {
  const text = words.join(' ');
  let command = program;
  let next = 0;
  for (; next < words.length && command.commands.length > 0 && !words[next]!.startsWith('-'); next++) {
    const sub = command.commands.find((one) => one.name() === words[next]);
    if (sub === undefined && command.registeredArguments.length > 0) break;
    if (sub === undefined) return [`${text}: there is no ${words[next]}`];
    command = sub;
  }
  const { given, faults, rest } = readWords(command, words.slice(next));
  const most = command.registeredArguments.some(({ variadic }) => variadic) ? Infinity : command.registeredArguments.length;
  const missing = command.options.filter(({ mandatory, long }) => mandatory && !given.has(long!)).map(({ long }) => `is without ${long}`);
  const tooMany = rest > most ? [`takes ${most} words, and gets ${rest}`] : [];
  return [...faults, ...tooMany, ...(whole ? missing : [])].map((fault) => `${text}: ${fault}`);
}

function readWords(command: Command, words: readonly string[]): { given: Set<string>; faults: string[]; rest: number } {
  const [given, faults] = [new Set<string>(), [] as string[]];
  let rest = 0;
  for (let i = 0; i < words.length; i++) {
    // `[--flag VALUE ...]` is how pages write what may be left out.
    const word = words[i]!.replaceAll(/^\[|\]$/g, '');
    if (word === '...' || word === '--help') continue;
    if (!word.startsWith('-')) {
      rest++;
      continue;
    }
    const [flag = '', value] = word.split('=');
    const option = command.options.find(({ long, short }) => long === flag || short === flag);
    if (option === undefined) faults.push(`there is no ${flag}`);
    else given.add(option.long!);
    if (option !== undefined && !option.isBoolean() && value === undefined) i++;
  }
  return { given, faults, rest };
}
