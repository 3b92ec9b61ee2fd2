import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { joulekeep, type StackName } from '../../lib/joulekeep.ts';

/** Settings of cdk.json, feature flags included: the templates under test are those that are deployed, but for the code. */
const CONTEXT = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')).context as Record<string, unknown>;

export const OPERATOR_LINK = { vpcId: 'vpc-0123456789abcdef0', cidrs: ['10.20.0.0/16'] } as const;

/** What holds and moves data, without the ways in and what watches. */
export const CORE = { stacks: 'keys,data,gateway,audiences,replay,services' } as const;

/** An app that bundles no code. */
export function makeApp(context: Readonly<Record<string, unknown>> = {}): App {
  return new App({
    context: { ...CONTEXT, 'aws:cdk:bundling-stacks': [], ...context },
    outdir: mkdtempSync(join(tmpdir(), 'joulekeep-infra-')),
    analyticsReporting: false,
  });
}

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Synthesized {
  readonly stacks: ReadonlyMap<StackName, Stack>;
  readonly template: (stack: StackName) => Template;
  /** Of a type, by logical id; of all types where none is named. */
  readonly resources: (stack: StackName, type?: string) => Readonly<Record<string, Resource>>;
}

export function synthesize(context: Readonly<Record<string, unknown>> = {}): Synthesized {
  const app = makeApp(context);
  try {
    const { stacks } = joulekeep(app);
    app.synth();
    const templates = new Map([...stacks].map(([name, stack]) => [name, Template.fromStack(stack)]));
    const template = (name: StackName) => templates.get(name)!;
    const resources: Synthesized['resources'] = (name, type) => {
      const all = template(name).toJSON()['Resources'] as Record<string, Resource>;
      return Object.fromEntries(Object.entries(all).filter(([, { Type }]) => type === undefined || Type === type));
    };
    return { stacks, template, resources };
  } finally {
    rmSync(app.outdir, { recursive: true, force: true });
  }
}
