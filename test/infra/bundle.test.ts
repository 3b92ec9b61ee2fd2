import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceFunction } from '../../lib/constructs/service-function.ts';
import { FUNCTIONS } from '../../topology/functions.ts';
import { DEV, ENV } from './synthesized.ts';

/** Of these the libraries are the most particular about how they are packed: an OAuth server, XML, Parquet. */
const BUNDLED = ['authorization', 'third-party-api', 'deidentify'] as const;

let outdir: string;
beforeAll(() => {
  outdir = mkdtempSync(join(tmpdir(), 'joulekeep-bundle-'));
  const app = new App({ outdir, context: { 'aws:cdk:bundling-stacks': ['**'] }, analyticsReporting: false });
  for (const name of BUNDLED) {
    const stack = new Stack(app, name, { env: ENV });
    const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }).withoutPolicyUpdates();
    const spec = FUNCTIONS.find((candidate) => candidate.name === name)!;
    new ServiceFunction(stack, 'Code', { stage: DEV, spec, role, logKey: new Key(stack, 'Key') });
  }
  app.synth();
}, 120_000);
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

/** What a process with nothing but the code of an asset says of it. */
function exportsOf(asset: string, principal: string): string {
  const script = `import(${JSON.stringify(join(asset, 'index.mjs'))}).then((code) => console.log(Object.keys(code).join(), typeof code.handler))`;
  const env = { JOULEKEEP_STAGE: 'dev', JOULEKEEP_PRINCIPAL: principal, JOULEKEEP_BUCKET: 'objects', AWS_REGION: 'eu-central-1' };
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  return execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: asset,
    env,
    encoding: 'utf8',
    stdio: [...stdio],
  });
}

describe('functions as they are bundled for Lambda', () => {
  it('start with nothing around them, each under its own principal and no other', () => {
    const assets = readdirSync(outdir).filter((name) => name.startsWith('asset.'));
    expect(assets).toHaveLength(BUNDLED.length);
    const started = BUNDLED.map((principal) => assets.flatMap((asset) => tried(join(outdir, asset), principal)));
    expect(started).toEqual(BUNDLED.map(() => ['handler function']));
  });
});

function tried(asset: string, principal: string): readonly string[] {
  try {
    return [exportsOf(asset, principal).trim()];
  } catch {
    return [];
  }
}
