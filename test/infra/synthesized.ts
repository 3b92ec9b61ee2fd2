import { existsSync, readFileSync } from 'node:fs';
import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Stage } from '../../lib/stage.ts';

export const ENV = { account: '111122223333', region: 'eu-central-1' };

export const DEV: Stage = { name: 'dev', region: ENV.region, retains: false, logDays: 7, domain: 'dev.example.org' };
export const PROD: Stage = {
  name: 'prod',
  region: ENV.region,
  retains: true,
  logDays: 400,
  domain: 'example.org',
  alarmEmail: 'duty@example.org',
  operatorLink: { cidrs: ['10.20.0.0/16', '10.30.0.0/24'], vpcId: 'vpc-0123456789abcdef0' },
};

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

/** An app as the command line has it, but without bundling. */
export function testApp(): App {
  const flags = existsSync('cdk.json') ? (JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: object }).context : {};
  return new App({ context: { ...flags, 'aws:cdk:bundling-stacks': [] } });
}

/** One stack, its resources, and what cdk-nag finds in it, as `path id`. */
export class Synthesized {
  readonly template: Template;
  readonly resources: ReadonlyMap<string, Resource>;
  readonly findings: readonly string[];

  constructor(make: (app: App) => Stack) {
    const app = testApp();
    const stack = make(app);
    const report = new AwsSolutionsChecks(app).validateScope(app);
    this.findings = report.violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${constructPath} ${ruleName}`),
    );
    this.template = Template.fromStack(stack);
    this.resources = new Map(Object.entries(this.template.toJSON()['Resources'] as Record<string, Resource>));
  }

  /** Resources of a type. */
  of(type: string): readonly Resource[] {
    return [...this.resources.values()].filter((resource) => resource.Type === type);
  }
}
