import { GOAL_PERCENT, MUTATION_AREAS } from './areas.ts';
import type { MutationScore } from './run.ts';

export const TITLE = 'Mutation';

/** Share of the mutants that a test noticed, percent with one place; nothing of nothing is all. */
export function percentOf({ mutants, noticed }: Pick<MutationScore, 'mutants' | 'noticed'>): number {
  return mutants === 0 ? 100 : Math.floor((noticed / mutants) * 1000) / 10;
}

/** The section of docs/reliability.md: lines of areas that were not measured now stay as they were. */
export function mutationSection(before: string, scores: readonly MutationScore[]): string {
  const rows = MUTATION_AREAS.map(({ folder }) => {
    const score = scores.find((one) => one.folder === folder);
    const old = before.split('\n').find((line) => line.startsWith(`| \`${folder}/\` |`));
    return score === undefined ? (old ?? `| \`${folder}/\` | | | not measured yet |`) : rowOf(score);
  });
  return `\`npm run mutate\` changes the code of these folders in every way Stryker knows, one change at a time, and runs the folder's own tests.
A change that no test notices is a rule that nobody holds. The goal is ${GOAL_PERCENT} % in each; words of errors are not changed ([ADR 74](adr/0074-changed-code-must-turn-a-test-red.md)).

| folder | mutants | noticed | score |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function rowOf(score: MutationScore): string {
  return `| \`${score.folder}/\` | ${score.mutants} | ${score.noticed} | ${percentOf(score)} % |`;
}
