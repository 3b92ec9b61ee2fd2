import { readFileSync, rmSync } from 'node:fs';
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
  rmSync(app.outdir, { recursive: true });
  const checks = report.pluginReports.find(({ pluginName }) => pluginName === 'AwsSolutions');
  const found = (checks?.violations ?? []).map(({ ruleName }) => ruleName);
  expect(refused).toBe(found.length > 0);
  return found;
}

/** Id and reason of everything that is accepted. */
function accepted(construct: IConstruct): readonly (readonly [string, string])[] {
  const own = construct.node.metadata.filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY);
  return [...own.flatMap(({ data }) => Object.entries(data as Record<string, string>)), ...construct.node.children.flatMap(accepted)];
}

/** With everything a stage can have. */
const whole = makeApp({ stage: 'prod', operatorLink: OPERATOR_LINK, domain: 'example.org', alarmEmail: 'duty@example.org' });
joulekeep(whole);

describe('the AWS Solutions checks', () => {
  it('find nothing in prod that nobody gave a reason for', () => {
    expect(findings(whole)).toEqual([]);
  });

  it('find nothing in dev that nobody gave a reason for', () => {
    const app = makeApp();
    joulekeep(app);
    expect(findings(app)).toEqual([]);
  });

  it('see a planted bucket without logs and TLS', () => {
    const app = makeApp({ stacks: 'keys' });
    joulekeep(app);
    new CfnBucket(new Stack(app, 'planted'), 'Open');
    expect(findings(app)).toEqual(expect.arrayContaining(['AwsSolutions-S1', 'AwsSolutions-S10']));
  });

  it('would find all that has a reason: none is for nothing', () => {
    // The pack itself knows an acknowledgement by another name, so alone it finds everything.
    const bare = new Set(new AwsSolutionsChecks(whole).validateScope(whole).violations.map(({ ruleName }) => ruleName));
    const ids = accepted(whole).map(([id]) => id.split('::').slice(1).join('::'));
    expect(ids.filter((id) => !bare.has(id))).toEqual([]);
    expect(new Set(ids).size).toBeGreaterThan(10);
  });

  it('are told a reason of some length each time', () => {
    const reasons = accepted(whole).map(([, reason]) => reason);
    expect(reasons.length).toBeGreaterThan(20);
    expect(reasons.filter((reason) => reason.length < 20)).toEqual([]);
  });
});
