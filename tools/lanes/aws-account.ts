import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { answer } from './commands.ts';
import { LaneError } from './lane-error.ts';
import { LANES, ROOT } from './places.ts';

const CDK = 'aws-cdk/bin/cdk';

export interface AwsAccount {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
}

/** Region of a stage by cdk.json. @throws LaneError when it names none */
export function stageRegion(stage: string): string {
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as {
    readonly context: { readonly stages?: Readonly<Record<string, { readonly region?: string }>> };
  };
  const region = context.stages?.[stage]?.region;
  if (region === undefined) throw new LaneError(`stage ${stage} has no region`, `give it one as stages.${stage}.region in cdk.json`);
  return region;
}

/**
 * Where the CDK would deploy with the credentials at hand. It asks AWS who they belong to, and touches nothing.
 * @throws LaneError when there are none, when they are not taken, or when they are meant for an emulator
 */
export async function accountAtHand(region: string, variables: NodeJS.ProcessEnv = process.env): Promise<AwsAccount> {
  const emulator = Object.keys(variables).find((name) => name.startsWith('AWS_ENDPOINT_URL'));
  if (emulator !== undefined) throw new LaneError(`${emulator} leads to an emulator`, 'unset it, or run npm run test:cloud');
  const folder = join(LANES, 'aws', 'account');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const app = `"${process.execPath}" "${join(import.meta.dirname, 'account-app.ts')}"`;
  const args = ['list', '--no-notices', '--output', folder, '--app', app];
  await answer({ script: CDK, args, env: { ...variables, AWS_REGION: region, AWS_DEFAULT_REGION: region }, cwd: folder });
  const { account } = readAccount(join(folder, 'account.json'));
  if (account === undefined)
    throw new LaneError('no AWS credentials that AWS takes', 'sign in (aws sso login), or set AWS_PROFILE, and run the command again');
  return { account, region };
}

/** Names of the stacks that a stage has with its settings. @throws LaneError with what the app says of them */
export async function stacksOf(stage: string): Promise<readonly string[]> {
  const { code, stdout, stderr } = await answer({
    script: CDK,
    args: ['list', '--no-notices', '--context', `stage=${stage}`],
    env: process.env,
  });
  const names = stdout.split('\n').flatMap((line) => /^joulekeep-\S+/.exec(line) ?? []);
  if (code !== 0 || names.length === 0) throw new LaneError(`stage ${stage} can't be synthesized: ${stderr.trim()}`, 'mend the setting');
  return names;
}

function readAccount(file: string): { readonly account?: string } {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { readonly account?: string };
  } catch {
    return {};
  }
}
