import { describe, expect, it } from 'vitest';
import { defencesGate } from '../../tools/gates/defences.ts';
import { copyOfRepository, ROOT } from './plant.ts';

const IMPORT = "import { ALL_DEFENCES, type Defences } from '../../topology/defences.ts';\n";

/** Ways in which something that ships could weaken itself. */
const WEAKENED: readonly [what: string, text: string][] = [
  ['a spread', 'export const x = { ...ALL_DEFENCES };\n'],
  ['a switched-off field', 'export const x = { frameTag: false };\n'],
  ['a field by condition', "export const x = { frameTag: process.env['FAST'] === undefined };\n"],
  ['a record of its own', 'declare const own: Defences;\nexport const x = { defences: own };\n'],
  ['a quoted field', "export const x = { 'rateLimits': Boolean(0) };\n"],
  ['a shorthand', 'const frameTag = Math.random() > 2;\nexport const x = { frameTag };\n'],
  ['a shorthand behind a default', 'const { frameTag = false } = {};\nexport const x = { frameTag };\n'],
  ['a choice', 'declare const own: { defences?: Defences };\nexport const x = { defences: own.defences ?? own };\n'],
  ['an assertion', 'export const x = {} as Defences;\n'],
  ['satisfies', 'declare const own: never;\nexport const x = own satisfies Partial<Defences>;\n'],
  ['Object.assign', 'export const x = Object.assign({}, ALL_DEFENCES, { helloSignature: 1 > 2 });\n'],
  ['a change', 'export const x = (defences: { frameTag: boolean }) => { defences.frameTag = false; };\n'],
  ['the switch of the tests', "export const x = process.env['JOULEKEEP_DEFENCE_OFF'];\n"],
  ["protocol's own switch", 'export const x = { verifyTag: false };\n'],
];

const HONEST = `${IMPORT}
export const make = (name: string, defences: Defences = ALL_DEFENCES) => ({ name, defences });
export const open = (defences: Pick<Defences, 'frameTag'>) => ({ verifyTag: defences.frameTag });
export const meter = (defences: Defences) => ({ frameTag: defences.frameTag, defences: ALL_DEFENCES });
export const sum = ({ defences }: { defences?: Defences }) => ({ defences: defences ?? ALL_DEFENCES });
export const part = ({ keyPolicies }: Defences) => ({ keyPolicies });
export const LIMITS = { rateLimits: { perSecond: 100 } };
export const started = make('ingest');
`;

describe('the gate on defences', () => {
  it('finds nothing in what ships', () => {
    const { seen, findings } = defencesGate(ROOT);
    expect(findings).toEqual([]);
    expect(seen).toBeGreaterThanOrEqual(30);
  });

  it.each(WEAKENED)('finds %s, in bin/ and in an aws.ts', (_what, text) => {
    using plot = copyOfRepository(['topology']);
    plot.plant('bin/commands/weak.ts', IMPORT + text);
    plot.plant('lambdas/weak/aws.ts', IMPORT + text);
    const { findings } = defencesGate(plot.root);
    expect(findings.some((finding) => finding.startsWith('bin/commands/weak.ts'))).toBe(true);
    expect(findings.some((finding) => finding.startsWith('lambdas/weak/aws.ts'))).toBe(true);
  });

  it('lets the record be handed on', () => {
    using plot = copyOfRepository(['topology']);
    plot.plant('bin/commands/honest.ts', HONEST);
    expect(defencesGate(plot.root).findings).toEqual([]);
  });

  it('wants an aws.ts to name no record but ALL_DEFENCES', () => {
    using plot = copyOfRepository(['topology']);
    plot.plant('lambdas/sly/aws.ts', "import { weakDefences } from './weak.ts';\nexport const handler = make(weakDefences);\n");
    expect(defencesGate(plot.root).findings).toHaveLength(2);
  });
});
