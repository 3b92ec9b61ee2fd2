import { join } from 'node:path';
import { emulatorEnvironment, quietly } from './commands.ts';
import { progress } from './lane-error.ts';
import { LANES } from './places.ts';

const CDK = 'aws-cdk/bin/cdk';
const ACCOUNT = '000000000000';

export interface Deployment {
  readonly lane: string;
  /** File that makes the CDK app, below the repository's root. */
  readonly app: string;
  /** Names of stacks of lib/joulekeep.ts; absent = all that a stage has. */
  readonly stacks?: readonly string[];
  readonly endpoint: string;
  readonly region: string;
}

/** Bootstraps the emulator's account and deploys the stacks onto it. @throws LaneError with the CDK's last words */
export async function deploy({ lane, app, stacks, endpoint, region }: Deployment): Promise<void> {
  const env = {
    ...emulatorEnvironment(endpoint, region),
    CDK_DEFAULT_ACCOUNT: ACCOUNT,
    CDK_DEFAULT_REGION: region,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
  };
  const folder = join(LANES, lane);
  const always = ['--no-notices', '--ci', '--no-color'];
  // Away from cdk.json: there is no app to synthesize for it.
  const bootstrap = { script: CDK, args: ['bootstrap', `aws://${ACCOUNT}/${region}`, ...always], env, cwd: folder };
  const only = stacks === undefined ? [] : ['--context', `stacks=${stacks.join(',')}`];
  const how = ['--require-approval', 'never', '--context', 'stage=dev', ...only, '--output', join(folder, 'cdk.out')];
  const deployment = { script: CDK, args: ['deploy', '--all', ...always, ...how, '--app', `"${process.execPath}" ${app}`], env };
  progress('bootstrapping');
  await quietly('cdk bootstrap', bootstrap, join(folder, 'bootstrap.log'));
  progress(`deploying ${stacks?.join(', ') ?? 'everything'}`);
  await quietly('cdk deploy', deployment, join(folder, 'deploy.log'));
}
