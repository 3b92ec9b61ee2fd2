import { Code, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Stage } from '../stage.ts';
import { functionDefaults } from './small-function.ts';

/** Says that the way to it is open, and nothing of what lies behind: it has no permission and reads nothing of the request. */
const SOURCE = `exports.handler = async () => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  isBase64Encoded: false,
  body: '{"status":"up"}',
});`;

export const HEALTH_PATH = '/v1/health';

/** Answers `GET /v1/health` of a REST API or a load balancer. */
export class Health extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, { stage, name }: { readonly stage: Stage; readonly name: string }) {
    super(scope, id);
    this.function = new LambdaFunction(this, 'Function', {
      ...functionDefaults(this, stage, name),
      handler: 'index.handler',
      code: Code.fromInline(SOURCE),
      reservedConcurrentExecutions: 5,
    });
  }
}
