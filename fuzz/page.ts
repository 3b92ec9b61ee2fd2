import type { FuzzTarget } from './target.ts';

export const TITLE = 'Fuzzing';

/** Without a flag. */
export const USUAL: FuzzRun = { runs: 500_000, seconds: 3_600, seed: 1 };

export interface FuzzedTarget {
  readonly target: FuzzTarget;
  readonly executions: number;
  readonly understood: number;
  readonly places: number;
  readonly reached: number;
  readonly findings: number;
  readonly seconds: number;
}

/** What it was asked for. */
export interface FuzzRun {
  readonly runs: number;
  readonly seconds: number;
  readonly seed: number;
}

/** What was asked for, as somebody asks for it again; what is usual is left out. */
function commandOf({ runs, seconds, seed }: FuzzRun): string {
  const flags = [
    ...(runs === USUAL.runs ? [] : [`--runs ${runs}`]),
    ...(seconds === USUAL.seconds ? [] : [`--seconds ${seconds}`]),
    ...(seed === USUAL.seed ? [] : [`--seed ${seed}`]),
  ];
  return ['npm run fuzz', ...(flags.length === 0 ? [] : ['--']), ...flags].join(' ');
}

/** The section of docs/reliability.md. */
export function fuzzSection(rows: readonly FuzzedTarget[], asked: FuzzRun): string {
  const total = rows.reduce((sum, { executions }) => sum + executions, 0);
  const findings = rows.reduce((sum, row) => sum + row.findings, 0);
  const lines = rows.map(({ target, executions, understood, reached, findings: found }) => {
    return `| \`${target.name}\` | ${target.what} | ${count(executions)} | ${count(understood)} | ${count(reached)} | ${found} |`;
  });
  return `\`npm run fuzz\` changes inputs of everything that reads what a stranger may have written, guided by the branches they reach
([ADR 73](adr/0073-a-fuzzer-of-our-own.md)). An answer is a value or a declared error; anything else is a finding: another error, no end, too many steps, too much memory,
something read that written again is other bytes, anything opened that was never sealed. Understood means that it was read as something. Measured by
\`${commandOf(asked)}\` (seed ${asked.seed}).

**${count(total)} executions, ${findings} ${findings === 1 ? 'finding' : 'findings'}.**

| target | reads | executions | understood | places reached | findings |
| --- | --- | --- | --- | --- | --- |
${lines.join('\n')}
`;
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
