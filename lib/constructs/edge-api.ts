import {
  AccessLogFormat,
  type CfnRestApi,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RequestValidator,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { physicalName, type Stage } from '../stage.ts';
import { HEALTH_PATH } from './health.ts';
import { removalOf } from './removal.ts';

/** Calls of the whole API: so many at once, so many a second. More is answered 429 before anything of ours runs. */
export const EDGE_RATE = { burst: 200, perSecond: 100 } as const;

export interface EdgeApiProps {
  readonly stage: Stage;
  readonly name: string;
  readonly description: string;
  readonly health: IFunction;
  /** Off wherever mutual TLS is: the default endpoint asks for no certificate. */
  readonly defaultEndpoint: boolean;
}

/** Request id, status and times; no query, no header, no body, no user agent. */
const LOGGED = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    time: '$context.requestTimeEpoch',
    method: '$context.httpMethod',
    resource: '$context.resourcePath',
    status: '$context.status',
    milliseconds: '$context.responseLatency',
    ip: '$context.identity.sourceIp',
    tls: '$context.tlsVersion',
    certificateSerial: '$context.identity.clientCert.serialNumber',
  }),
);

/** A regional REST API with access log, throttles and request validation. What is not a route of it does not exist. */
export class EdgeApi extends Construct {
  readonly api: RestApi;

  constructor(scope: Construct, id: string, { stage, name, description, health, defaultEndpoint }: EdgeApiProps) {
    super(scope, id);
    const restApiName = physicalName(stage, name);
    const access = new LogGroup(this, 'Access', {
      logGroupName: `/aws/apigateway/${restApiName}`,
      retention: stage.logDays,
      removalPolicy: removalOf(stage),
    });
    this.api = new RestApi(this, 'Api', {
      restApiName,
      description,
      endpointTypes: [EndpointType.REGIONAL],
      disableExecuteApiEndpoint: !defaultEndpoint,
      cloudWatchRole: false,
      deployOptions: {
        stageName: 'v1',
        accessLogDestination: new LogGroupLogDestination(access),
        accessLogFormat: LOGGED,
        loggingLevel: MethodLoggingLevel.ERROR,
        dataTraceEnabled: false,
        metricsEnabled: true,
        tracingEnabled: true,
        throttlingBurstLimit: EDGE_RATE.burst,
        throttlingRateLimit: EDGE_RATE.perSecond,
      },
    });
    const requestValidator = new RequestValidator(this, 'Validator', {
      restApi: this.api,
      validateRequestBody: true,
      validateRequestParameters: true,
    });
    this.api.root
      .resourceForPath(HEALTH_PATH)
      .addMethod('GET', new LambdaIntegration(health, { allowTestInvoke: false }), { requestValidator });
  }

  /** The default endpoint refuses what is older, and a request whose name is not that of its connection. */
  demandTls(securityPolicy: string): void {
    const api = this.api.node.defaultChild as CfnRestApi;
    api.securityPolicy = securityPolicy;
    api.endpointAccessMode = 'STRICT';
  }
}
