import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Stack, Validations } from 'aws-cdk-lib';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { guard } from '../../lib/guardrails/checks.ts';
import { joulekeep } from '../../lib/joulekeep.ts';
import { makeApp, OPERATOR_LINK } from './app.ts';

interface Report {
  readonly pluginReports: readonly { readonly pluginName: string; readonly violations: readonly { readonly ruleName: string }[] }[];
}

/** Synthesizes under the checks. @returns what they found, by rule */
function findings(app: App): readonly string[] {
  guard(app);
  let refused = false;
  try {
    app.synth();
  } catch {
    refused = true;
  }
  const report = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8')) as Report;
  const checks = report.pluginReports.find(({ pluginName }) => pluginName === 'AwsSolutions');
  const found = (checks?.violations ?? []).map(({ ruleName }) => ruleName);
  expect(refused).toBe(found.length > 0);
  return found;
}

/** Id and reason of everything that is accepted. */
function acknowledged(construct: IConstruct): readonly (readonly [string, string])[] {
  const own = construct.node.metadata.filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY);
  return [...own.flatMap(({ data }) => Object.entries(data as Record<string, string>)), ...construct.node.children.flatMap(acknowledged)];
}

describe('the AWS Solutions checks', () => {
  it.each([
    ['dev', {}],
    ['prod', { stage: 'prod', operatorLink: OPERATOR_LINK }],
  ])('find nothing in %s that nobody gave a reason for', (_, context) => {
    const app = makeApp(context);
    joulekeep(app);
    expect(findings(app)).toEqual([]);
  });

  it('see a planted bucket without logs and TLS', () => {
    const app = makeApp({ stacks: 'keys' });
    joulekeep(app);
    new CfnBucket(new Stack(app, 'planted'), 'Open');
    expect(findings(app)).toEqual(expect.arrayContaining(['AwsSolutions-S1', 'AwsSolutions-S10']));
  });

  it('would find all that has a reason, and no reason is for nothing', () => {
    const app = makeApp();
    joulekeep(app);
    app.synth();
    const bare = new AwsSolutionsChecks(app).validateScope(app).violations.map(({ ruleName }) => `AwsSolutions::${ruleName}`);
    const ids = acknowledged(app).map(([id]) => id);
    expect(ids.filter((id) => !bare.includes(id))).toEqual([]);
    expect(new Set(ids).size).toBeGreaterThan(10);
  });

  it('are told a reason of some length each time', () => {
    const app = makeApp();
    joulekeep(app);
    const reasons = acknowledged(app).map(([, reason]) => reason);
    expect(reasons.length).toBeGreaterThan(20);
    expect(reasons.filter((reason) => reason.length < 20)).toEqual([]);
  });
});
