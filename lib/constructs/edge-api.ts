import { Aws, Fn } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  type CfnRestApi,
  EndpointType,
  Integration,
  IntegrationType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RequestValidator,
  ResponseType,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { CfnPermission, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { EDGE } from '../../topology/names.ts';
import { type EdgeName, routesOfEdge } from '../door-routes.ts';
import { physicalName, type Stage } from '../stage.ts';
import { arnHere } from './arn-here.ts';
import { HEALTH_PATH } from './health.ts';
import { removalOf } from './removal.ts';

/** Calls of the whole API: so many at once, so many a second. More is answered 429 before anything of ours runs. */
export const EDGE_RATE = { burst: 200, perSecond: 100 } as const;

export interface EdgeApiProps {
  readonly stage: Stage;
  /** Whose routes it has. */
  readonly name: EdgeName;
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

/** Calls of the stage are `<stage>/<method>/<path>`; the API's own id stands before. */
const STAGE = 'v1';
/** As functions say it, which a test holds it against. */
const NOT_FOUND = JSON.stringify({
  type: 'urn:joulekeep:problem:not-found',
  title: 'Not found',
  status: 404,
  requestId: '$context.requestId',
});
/** Whatever an API refuses of itself, because it has no such route or could not read how the caller signed, is not there. */
const UNKNOWN = [ResponseType.MISSING_AUTHENTICATION_TOKEN, ResponseType.INVALID_SIGNATURE, ResponseType.ACCESS_DENIED];

/**
 * A regional REST API with access log, throttles, and the routes of topology/routes.ts that are its own, each handed to its function, which
 * judges who calls. What is not a route of it does not exist.
 * @source X.1332 9.2, 10.2
 */
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
        stageName: STAGE,
        variables: { [EDGE.variable]: defaultEndpoint ? EDGE.distribution : EDGE.certificates },
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
    this.#routes(stage, name, requestValidator);
    this.#unknown();
  }

  /** Functions of another stack, found by name; that this API may call them, and no other, is said here. */
  #routes(stage: Stage, name: EdgeName, requestValidator: RequestValidator): void {
    const routes = routesOfEdge(name);
    const arnOf = (of: string) => arnHere('lambda', `function:${physicalName(stage, of)}`);
    for (const route of routes) {
      const uri = Fn.join('', [arnHereOf('apigateway', 'lambda:path/2015-03-31/functions/'), arnOf(route.function), '/invocations']);
      const proxy = new Integration({ type: IntegrationType.AWS_PROXY, integrationHttpMethod: 'POST', uri });
      this.api.root.resourceForPath(route.path).addMethod(route.method, proxy, { requestValidator });
    }
    for (const of of new Set(routes.map((route) => route.function))) {
      new CfnPermission(this, `Permission-${of}`, {
        action: 'lambda:InvokeFunction',
        functionName: arnOf(of),
        principal: 'apigateway.amazonaws.com',
        sourceArn: arnHere('execute-api', `${this.api.restApiId}/${STAGE}/*/*`),
      });
    }
  }

  #unknown(): void {
    for (const type of UNKNOWN)
      this.api.addGatewayResponse(`Unknown-${type.responseType}`, {
        type,
        statusCode: '404',
        responseHeaders: { 'content-type': "'application/problem+json'", 'cache-control': "'no-store'" },
        templates: { 'application/json': NOT_FOUND },
      });
  }

  /** The default endpoint refuses what is older, and a request whose name is not that of its connection. */
  demandTls(securityPolicy: string): void {
    const api = this.api.node.defaultChild as CfnRestApi;
    api.securityPolicy = securityPolicy;
    api.endpointAccessMode = 'STRICT';
  }
}

/** Of a service's own paths, which belong to no account. */
function arnHereOf(service: string, resource: string): string {
  return Fn.join(':', ['arn', Aws.PARTITION, service, Aws.REGION, resource]);
}
