import { join } from 'node:path';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, LoggingFormat, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionSpec } from '../../topology/functions.ts';
import { environmentOf } from '../function-environment.ts';
import { logGroupName } from '../grants/runtime.ts';
import { bucketName, told } from '../names.ts';
import { physicalName, type Stage } from '../stage.ts';

export interface ServiceFunctionProps {
  readonly stage: Stage;
  readonly spec: FunctionSpec;
  /** Of the function's principal; nothing is added to it. */
  readonly role: IRole;
  /** Under which the log lies. */
  readonly logKey: IKey;
}

const ROOT = join(import.meta.dirname, '..', '..');
/** Some libraries still ask for their parts by `require`, which a module doesn't have. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/**
 * Lambda traces the first call of a second whatever a sampling rule says, so a trace that the function begins itself is for those
 * that people wait for. The others go on with a trace that the message brought along, and begin none.
 */
function tracingOf({ tracing }: Stage, { trigger }: FunctionSpec): Tracing {
  return tracing === 'everything' || trigger.kind === 'route' ? Tracing.ACTIVE : Tracing.PASS_THROUGH;
}

/** A function of topology/functions.ts: one module with everything it needs, the SDK included, on Arm. */
export class ServiceFunction extends Construct {
  readonly function: NodejsFunction;

  constructor(scope: Construct, id: string, { stage, spec, role, logKey }: ServiceFunctionProps) {
    super(scope, id);
    const functionName = physicalName(stage, spec.name);
    this.function = new NodejsFunction(this, 'Function', {
      functionName,
      entry: join(ROOT, spec.entry),
      depsLockFilePath: join(ROOT, 'package-lock.json'),
      projectRoot: ROOT,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        mainFields: ['module', 'main'],
        banner: REQUIRE,
        bundleAwsSDK: true,
        externalModules: [],
      },
      role,
      memorySize: spec.memoryMb,
      timeout: Duration.seconds(spec.timeoutSeconds),
      reservedConcurrentExecutions: spec.reservedConcurrency,
      tracing: tracingOf(stage, spec),
      loggingFormat: LoggingFormat.JSON,
      logGroup: this.#log(stage, functionName, logKey),
      environment: {
        JOULEKEEP_STAGE: stage.name,
        JOULEKEEP_PRINCIPAL: spec.principal,
        JOULEKEEP_BUCKET: bucketName(Stack.of(this), stage, 'objects'),
        ...environmentOf(stage, spec.name, (what) => told(this, stage, what)),
      },
    });
  }

  #log(stage: Stage, functionName: string, encryptionKey: IKey): LogGroup {
    return new LogGroup(this, 'Log', {
      logGroupName: logGroupName(functionName),
      retention: stage.logDays,
      encryptionKey,
      removalPolicy: stage.retains ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }
}
