import { describe, expect, it } from 'vitest';
import { importsGate } from '../../tools/gates/imports.ts';
import { copyOfRepository, ROOT } from './plant.ts';

/** File to plant, what it imports, the rule that must notice. `*` stands for a name that exists. */
const PLANTS: readonly [path: string, imported: string, rule: string][] = [
  ['events/planted.ts', '../topology/defences.ts', 'room-events'],
  ['topology/planted.ts', '../platform/ports/platform.ts', 'room-topology'],
  ['topology/planted-npm.ts', 'zod', 'plain-rooms-need-no-library'],
  ['api/planted.ts', '../domain/tariff/money.ts', 'room-api'],
  ['exchange/planted.ts', '../domain/vee/rule.ts', 'room-exchange'],
  ['domain/telemetry/planted.ts', '../../topology/defences.ts', 'room-domain'],
  ['domain/telemetry/planted-port.ts', '../../platform/ports/platform.ts', 'room-domain'],
  ['domain/telemetry/planted-core.ts', 'node:fs', 'domain-is-pure'],
  ['domain/telemetry/planted-npm.ts', 'zod', 'domain-is-pure'],
  ['domain/telemetry/planted-vee.ts', '../vee/rule.ts', 'domain-only-meterday-weighs'],
  ['domain/billing/planted-vee.ts', '../vee/rule.ts', 'domain-only-meterday-weighs'],
  ['domain/enrolment/planted-tariff.ts', '../tariff/rate.ts', 'domain-only-billing-prices'],
  ['domain/vee/planted-tariff.ts', '../tariff/rate.ts', 'domain-only-billing-prices'],
  ['domain/meterday/planted-tariff.ts', '../tariff/rate.ts', 'domain-only-billing-prices'],
  ['domain/privacy/planted.ts', './weakening.ts', 'nothing-weakens-the-gate'],
  ['lambdas/planted-fn/planted-gate.ts', '../../domain/privacy/weakening.ts', 'nothing-weakens-the-gate'],
  ['protocol/planted.ts', '../events/index.ts', 'room-protocol'],
  ['protocol/planted-core.ts', 'node:fs', 'protocol-needs-crypto-only'],
  ['protocol/portable/planted-core.ts', 'node:crypto', 'portable-needs-no-node'],
  ['protocol/portable/planted.ts', '../planted-sibling.ts', 'portable-stands-alone'],
  ['protocol/price/planted.ts', '../planted-sibling.ts', 'room-protocol-price'],
  ['protocol/price/planted-topology.ts', '../../topology/defences.ts', 'room-protocol-price'],
  ['protocol/price/planted-core.ts', 'node:crypto', 'portable-needs-no-node'],
  ['protocol/application/planted-core.ts', 'node:crypto', 'portable-needs-no-node'],
  ['protocol/application/planted.ts', '../planted-sibling.ts', 'portable-stands-alone'],
  ['protocol/planted-npm.ts', 'cbor-x', 'plain-rooms-need-no-library'],
  ['platform/ports/planted.ts', '../store/planted-target.ts', 'room-platform-ports'],
  ['platform/kms/planted.ts', '../store/planted-target.ts', 'room-platform-kms'],
  ['platform/store/planted.ts', '../embedded/planted-target.ts', 'room-platform-store'],
  ['platform/store/planted-door.ts', '../doors/planted-target.ts', 'room-platform-store'],
  ['platform/doors/planted.ts', '../embedded/planted-target.ts', 'room-platform-doors'],
  ['platform/embedded/planted.ts', '../../lambdas/planted-fn/handler.ts', 'room-platform-embedded'],
  ['platform/embedded/planted-domain.ts', '../../domain/vee/rule.ts', 'room-platform-embedded'],
  ['platform/embedded/planted-aws.ts', '../aws/client.ts', 'only-aws-entries-reach-platform-aws'],
  ['platform/aws/planted.ts', '../embedded/planted-target.ts', 'room-platform-aws'],
  ['lambdas/planted-fn/planted.ts', '../../platform/embedded/planted-target.ts', 'room-lambdas'],
  ['lambdas/planted-fn/planted-store.ts', '../../platform/store/planted-target.ts', 'room-lambdas'],
  ['lambdas/planted-fn/planted-devices.ts', '../../devices/planted-target.ts', 'room-lambdas'],
  ['lambdas/planted-fn/planted-aws.ts', '../../platform/aws/client.ts', 'only-aws-entries-reach-platform-aws'],
  ['bin/planted-aws.ts', '../platform/aws/client.ts', 'only-aws-entries-reach-platform-aws'],
  ['bin/planted-entry.ts', '../lambdas/planted-fn/aws.ts', 'nobody-imports-aws-entries'],
  ['bin/planted-sdk.ts', '@aws-sdk/client-kms', 'aws-sdk-in-platform-aws'],
  ['lambdas/planted-fn/planted-access.ts', '../../platform/ports/subject-grants.ts', 'access-is-recorded-first'],
  ['bin/planted-access.ts', '../platform/ports/subject-grants.ts', 'access-is-recorded-first'],
  ['platform/store/planted-access.ts', '../ports/subject-grants.ts', 'access-is-recorded-first'],
  ['bin/planted-cbor.ts', 'cbor-x', 'cbor-without-eval'],
  ['devices/planted.ts', '../domain/vee/rule.ts', 'room-devices'],
  ['devices/planted-port.ts', '../platform/ports/platform.ts', 'room-devices'],
  ['web/planted.ts', '../domain/vee/rule.ts', 'room-web'],
  ['lib/planted.ts', '../lambdas/planted-fn/handler.ts', 'room-lib'],
  ['tools/planted.ts', '../platform/ports/platform.ts', 'room-tools'],
  ['devices/planted-bin.ts', '../bin/planted-target.ts', 'nobody-imports-bin'],
  ['lambdas/planted-fn/planted-test.ts', '../../test/support/defences.ts', 'product-knows-no-test'],
  ['bin/planted-nowhere.ts', './there-is-no-such-file.ts', 'resolvable'],
  ['events/planted-undeclared.ts', 'acorn', 'declared-packages-only'],
];

/** What the plants point at, so that only the planted import is wrong. */
const TARGETS = [
  'domain/vee/rule.ts',
  'domain/tariff/rate.ts',
  'protocol/planted-sibling.ts',
  'platform/store/planted-target.ts',
  'platform/doors/planted-target.ts',
  'platform/embedded/planted-target.ts',
  'platform/aws/client.ts',
  'lambdas/planted-fn/handler.ts',
  'devices/planted-target.ts',
  'bin/planted-target.ts',
];

describe('the import table', () => {
  it('holds, over every module there is', async () => {
    const { seen, findings } = await importsGate(ROOT);
    expect(findings).toEqual([]);
    expect(seen).toBeGreaterThanOrEqual(60);
  });

  it('finds a planted import of every kind, by value and by type', async () => {
    using plot = copyOfRepository();
    for (const target of TARGETS) plot.plant(target, 'export const rule = 1;\nexport type Rule = number;\n');
    plot.plant('lambdas/planted-fn/aws.ts', "import { rule } from '../../platform/aws/client.ts';\nexport const handler = rule;\n");
    for (const [path, imported] of PLANTS) {
      plot.plant(path, `import * as found from '${imported}';\nexport const used = found;\n`);
      plot.plant(typeTwin(path), `import type * as found from '${imported}';\nexport type Used = typeof found;\n`);
    }
    const { findings } = await importsGate(plot.root);
    const missed = PLANTS.flatMap(([path, , rule]) => [path, typeTwin(path)].map((file) => [file, rule] as const)).filter(
      ([file, rule]) => !findings.some((finding) => finding.startsWith(`${file} -> `) && finding.endsWith(`: ${rule}`)),
    );
    expect(missed).toEqual([]);
    expect(findings.filter((finding) => finding.startsWith('lambdas/planted-fn/aws.ts'))).toEqual([]);
  });

  it('finds a runtime cycle and an orphan, and lets a cycle of types be', async () => {
    using plot = copyOfRepository(['events', 'topology']);
    plot.plant('events/ring-a.ts', "import { b } from './ring-b.ts';\nexport const a = (): number => b();\n");
    plot.plant('events/ring-b.ts', "import { a } from './ring-a.ts';\nexport const b = (): number => a();\n");
    plot.plant('events/typed-a.ts', "import type { B } from './typed-b.ts';\nexport interface A { b?: B }\n");
    plot.plant('events/typed-b.ts', "import type { A } from './typed-a.ts';\nexport interface B { a?: A }\n");
    plot.plant('events/alone.ts', 'export const alone = 1;\n');
    const { findings } = await importsGate(plot.root);
    expect(findings).toContain('events/ring-a.ts -> events/ring-b.ts: no-runtime-cycles');
    expect(findings.filter((finding) => finding.includes('typed-'))).toEqual([]);
    expect(findings.filter((finding) => finding.endsWith('no-orphans')).map((finding) => finding.split(' ')[0])).toContain(
      'events/alone.ts',
    );
  });

  it('finds a devDependency in what ships, and lets its types pass', async () => {
    using plot = copyOfRepository(['events', 'topology']);
    plot.plant('events/dev-value.ts', "import fc from 'fast-check';\nexport const used = fc;\n");
    plot.plant('events/dev-type.ts', "import type fc from 'fast-check';\nexport type Used = typeof fc;\n");
    const { findings } = await importsGate(plot.root);
    expect(
      findings.filter((finding) => finding.endsWith('no-dev-packages-in-the-product')).map((finding) => finding.split(' ')[0]),
    ).toEqual(['events/dev-value.ts']);
  });
});

function typeTwin(path: string): string {
  return path.replace(/\.ts$/, '-type.ts');
}
