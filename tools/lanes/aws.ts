/**
 * node tools/lanes/aws.ts --stage dev [--yes] [argument of vitest...]: deploys the whole stage into the account of the credentials
 * at hand and runs the acceptance suite there, after it has said what that touches and somebody has said yes. Exit code 0 when all
 * passed, 1 when not or when nobody said yes, 2 for a wrong call.
 */
import { createInterface } from 'node:readline/promises';
import { type AwsAccount, accountAtHand, stacksOf, stageRegion } from './aws-account.ts';
import { show } from './commands.ts';
import { LaneError, progress } from './lane-error.ts';

const USAGE = 'usage: npm run test:aws -- --stage dev [--yes] [argument of vitest...]';
/** Poison of the slowest queue comes again four times, six minutes later each time. */
const PATIENCE = ['--testTimeout', String(60 * 60_000), '--hookTimeout', String(60 * 60_000)];
const STAGE = ['--context', 'stage=dev'];

interface Call {
  readonly yes: boolean;
  readonly rest: readonly string[];
}

/** Only `dev`: the suite enrols a street that isn't there. @returns undefined for a wrong call */
export function readCall(args: readonly string[]): Call | undefined {
  const at = args.indexOf('--stage');
  if (at < 0 || args[at + 1] !== 'dev') return undefined;
  const rest = args.filter((arg, i) => i !== at && i !== at + 1 && arg !== '--yes');
  return { yes: args.includes('--yes'), rest };
}

/** What the run does to an account, one line each. */
export function intentions({ account, region }: AwsAccount, stacks: readonly string[]): readonly string[] {
  return [
    `account ${account}, region ${region}, stage dev. This run`,
    `- bootstraps the CDK there, unless it is, and deploys ${stacks.join(', ')}: they stay until you destroy them, and cost what docs/cost.md says`,
    '- puts the public half of a root in force that is gone after the run: the stage can be used for nothing else afterwards',
    '- registers 6 meters and 2 concentrators with certificates in IoT, and takes them out at the end',
    '- adds the caller to those whom the roles of the stage trust, for three hours at the most, and takes that back at the end',
    '- takes an hour, most of it waiting for poison to come again',
  ];
}

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY) throw new LaneError('nobody is there to say yes', 'run it at a terminal, or with --yes');
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await asking.question('joulekeep: type yes to go on: ')).trim() === 'yes';
  } finally {
    asking.close();
  }
}

async function run({ yes, rest }: Call): Promise<number> {
  const region = stageRegion('dev');
  const at = await accountAtHand(region);
  for (const line of intentions(at, await stacksOf('dev'))) progress(line);
  if (!yes && !(await agreed())) {
    progress('nothing was touched');
    return 1;
  }
  const env = { ...process.env, AWS_REGION: region, AWS_DEFAULT_REGION: region };
  const cdk = (args: readonly string[]) => show({ script: 'aws-cdk/bin/cdk', args: [...args, '--no-notices'], env });
  if ((await cdk(['bootstrap', `aws://${at.account}/${region}`, ...STAGE])) !== 0) return 1;
  if ((await cdk(['deploy', '--all', ...STAGE, '--require-approval', 'never'])) !== 0) return 1;
  const args = ['run', '--config', 'vitest.lanes.config.ts', 'test/acceptance/aws', ...PATIENCE, ...rest];
  return await show({ script: 'vitest/vitest.mjs', args, env });
}

async function main(): Promise<number> {
  const call = readCall(process.argv.slice(2));
  if (call === undefined) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  try {
    return await run(call);
  } catch (error) {
    if (!(error instanceof LaneError)) throw error;
    progress(error.message);
    return 1;
  }
}

if (import.meta.main) process.exitCode = await main();
