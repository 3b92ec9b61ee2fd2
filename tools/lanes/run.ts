/**
 * node tools/lanes/run.ts localstack|cloud [argument of vitest...]: starts the emulator, deploys what stacks.ts names, runs the
 * lane's tests, ends everything. Exit code 0 when all passed, 1 when not, 2 for a wrong call, 130 when interrupted.
 */
import { emulatorEnvironment, show } from './commands.ts';
import { deploy } from './deploy.ts';
import { LaneError, progress } from './lane-error.ts';
import { startLocalStack } from './localstack.ts';
import { startMiniStack } from './ministack.ts';
import { killChildren } from './process-tree.ts';
import type { Server } from './server.ts';
import { DEPLOYED } from './stacks.ts';

const REGION = 'eu-central-1';

interface Lane {
  readonly start: () => Promise<Server>;
  readonly stacks: readonly string[];
  /** Folders whose `*.lane.test.ts` belong to it. */
  readonly tests: readonly string[];
}

/** Of test/aws/dynamo, which DynamoDB Local runs whole. */
const CONTRACTS_OF_TABLES = ['event-store', 'key-table', 'read-models', 'directory', 'feed'].map((name) => `test/aws/dynamo/${name}.lane`);

const LANES_BY_NAME: Readonly<Record<string, Lane>> = {
  localstack: {
    start: startLocalStack,
    stacks: DEPLOYED.localstack,
    tests: ['test/lanes/localstack', 'test/aws/services', ...CONTRACTS_OF_TABLES, 'test/acceptance/localstack'],
  },
  cloud: {
    start: () => startMiniStack(REGION),
    stacks: DEPLOYED.cloud,
    tests: ['test/lanes/cloud', 'test/acceptance/cloud'],
  },
};

async function run(name: string, lane: Lane, extra: readonly string[]): Promise<number> {
  const began = Date.now();
  progress(`starting the emulator of lane ${name}`);
  const server = await lane.start();
  try {
    progress(`${server.endpoint} answers`);
    await deploy({ lane: name, app: DEPLOYED.app, stacks: lane.stacks, endpoint: server.endpoint, region: REGION });
    progress(`deployed after ${Math.round((Date.now() - began) / 1000)} s; testing`);
    const args = ['run', '--config', 'vitest.lanes.config.ts', ...lane.tests, ...extra];
    return await show({ script: 'vitest/vitest.mjs', args, env: emulatorEnvironment(server.endpoint, REGION) });
  } finally {
    await server.stop();
  }
}

function endOn(signals: readonly NodeJS.Signals[]): void {
  for (const signal of signals) {
    process.once(signal, () => {
      killChildren();
      process.exit(130);
    });
  }
}

async function main(): Promise<number> {
  const [name = '', ...extra] = process.argv.slice(2);
  const lane = LANES_BY_NAME[name];
  if (lane === undefined) {
    process.stderr.write(`usage: node tools/lanes/run.ts ${Object.keys(LANES_BY_NAME).join('|')} [argument of vitest...]\n`);
    return 2;
  }
  endOn(['SIGINT', 'SIGTERM', 'SIGHUP']);
  try {
    return await run(name, lane, extra);
  } catch (error) {
    if (!(error instanceof LaneError)) throw error;
    progress(`lane ${name}: ${error.message}`);
    return 1;
  }
}

process.exitCode = await main();
