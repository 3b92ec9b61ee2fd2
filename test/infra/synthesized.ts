import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Stage } from '../../lib/stage.ts';

export const ENV = { account: '111122223333', region: 'eu-central-1' };

export const DEV: Stage = { name: 'dev', region: ENV.region, retains: false, logDays: 7, tracing: 'requests', domain: 'dev.example.org' };
export const PROD: Stage = {
  name: 'prod',
  region: ENV.region,
  retains: true,
  logDays: 400,
  tracing: 'requests',
  domain: 'example.org',
  alarmEmail: 'duty@example.org',
  operatorLink: { cidrs: ['10.20.0.0/16', '10.30.0.0/24'], vpcId: 'vpc-0123456789abcdef0' },
};

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

/** Settings of cdk.json, feature flags included. */
const { context: CONTEXT } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as { context: object };

/** Does something with an app as the command line has it, but without bundling; nothing of it stays on disk. */
export function withApp<T>(use: (app: App) => T): T {
  const outdir = mkdtempSync(join(tmpdir(), 'joulekeep-infra-'));
  try {
    return use(new App({ outdir, analyticsReporting: false, context: { ...CONTEXT, 'aws:cdk:bundling-stacks': [] } }));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** One stack, its resources, and what cdk-nag finds in it and nobody has acknowledged, as `path rule`. */
export class Synthesized {
  readonly template: Template;
  readonly resources: ReadonlyMap<string, Resource>;
  readonly findings: readonly string[];

  constructor(make: (app: App) => Stack) {
    const { template, findings } = withApp((app) => {
      const stack = make(app);
      Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
      const found = findingsOf(app);
      return { template: found.length === 0 ? Template.fromStack(stack) : Template.fromJSON({}), findings: found };
    });
    this.template = template;
    this.findings = findings;
    this.resources = new Map(Object.entries((template.toJSON()['Resources'] ?? {}) as Record<string, Resource>));
  }

  /** Resources of a type. */
  of(type: string): readonly Resource[] {
    return [...this.resources.values()].filter((resource) => resource.Type === type);
  }
}

/** Synthesis fails on findings, and says which. */
function findingsOf(app: App): readonly string[] {
  try {
    app.synth();
    return [];
  } catch (error) {
    const found = [...String(error).matchAll(/^ {3}(\S+\/\S+) .*\n {3}Acknowledge with 'AwsSolutions::([^']+)'/gm)];
    if (found.length === 0) throw error;
    return found.map(([, path, rule]) => `${path} ${rule}`);
  }
}
