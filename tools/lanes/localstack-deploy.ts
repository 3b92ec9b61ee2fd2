/**
 * node tools/lanes/localstack-deploy.ts: deploys the whole app onto a LocalStack that runs already, by default that of
 * docker-compose.yml; AWS_ENDPOINT_URL names another one of this machine. Exit code 0 when all stacks are there, else 1.
 */
import { deploy } from './deploy.ts';
import { LaneError, progress } from './lane-error.ts';
import { DEPLOYED } from './stacks.ts';

const REGION = process.env['AWS_REGION'] ?? 'eu-central-1';
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]', 'localhost.localstack.cloud'];

/** @throws LaneError when it is no emulator of this machine, or doesn't answer */
async function running(): Promise<string> {
  const endpoint = process.env['AWS_ENDPOINT_URL'] ?? 'http://localhost:4566';
  const remedy = 'start LocalStack (docs/localstack.md) or set AWS_ENDPOINT_URL to where it is';
  if (!LOOPBACK.includes(new URL(endpoint).hostname)) throw new LaneError(`${endpoint} is not on this machine`, remedy);
  const health = await fetch(new URL('/_localstack/health', endpoint)).catch(() => undefined);
  if (health?.ok !== true) throw new LaneError(`no LocalStack answers at ${endpoint}`, remedy);
  return endpoint;
}

try {
  const endpoint = await running();
  await deploy({ lane: 'localstack-deploy', app: DEPLOYED.app, endpoint, region: REGION });
  progress(`everything is deployed at ${endpoint}`);
} catch (error) {
  if (!(error instanceof LaneError)) throw error;
  progress(error.message);
  process.exitCode = 1;
}
