import type { FuzzTarget } from './target.ts';

export const TITLE = 'Fuzzing';

export interface FuzzedTarget {
  readonly target: FuzzTarget;
  readonly executions: number;
  readonly understood: number;
  readonly places: number;
  readonly reached: number;
  readonly findings: number;
  readonly seconds: number;
}

/** The section of docs/reliability.md. */
export function fuzzSection(rows: readonly FuzzedTarget[], seed: number): string {
  const total = rows.reduce((sum, { executions }) => sum + executions, 0);
  const findings = rows.reduce((sum, row) => sum + row.findings, 0);
  const lines = rows.map(({ target, executions, understood, reached, findings: found }) => {
    return `| \`${target.name}\` | ${target.what} | ${count(executions)} | ${count(understood)} | ${count(reached)} | ${found} |`;
  });
  return `\`npm run fuzz\` changes inputs of everything that reads what a stranger may have written, guided by the branches they reach
([ADR 73](adr/0073-a-fuzzer-of-our-own.md)). An answer is a value or a declared error; anything else is a finding: another error, no end, too many steps, too much memory,
something read that written again is other bytes, anything opened that was never sealed. Understood means that it was read as something. Seed ${seed}.

**${count(total)} executions, ${findings} findings.**

| target | reads | executions | understood | places reached | findings |
| --- | --- | --- | --- | --- | --- |
${lines.join('\n')}
`;
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
