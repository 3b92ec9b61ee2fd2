import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeKeys } from '../../lambdas/keys/handler.ts';
import { makeMaintenance } from '../../lambdas/maintenance/handler.ts';
import { DoorHandler } from '../../platform/aws/doors/door-handler.ts';
import { DynamoTable } from '../../platform/aws/dynamo/table.ts';
import { AwsKms } from '../../platform/aws/kms.ts';
import { OperationCounts } from '../../platform/aws/operations.ts';
import { accessControl } from '../../platform/embedded/gateway/access.ts';
import { CertificateAuthority } from '../../platform/embedded/gateway/ca.ts';
import { TOPIC_RULES } from '../../topology/device-access.ts';
import { FUNCTIONS } from '../../topology/functions.ts';
import { DoorWorld } from '../aws/doors/door-fixture.ts';
import { fakeClient, fault } from '../aws/services/support/fake-client.ts';
import { OperatorTown, range } from '../ems/operator-world.ts';
import { makeScene, type Scene, withEpoch } from '../keys/scene.ts';
import { ApiGateway, credentials } from '../platform/https-fixture.ts';
import { follower } from '../project/following.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { Faults, faulty } from '../support/faults.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { failedIds, lambdaContext, sqsEvent } from '../support/sqs.ts';
import { core, stackOf } from './deployed.ts';
import { Duty } from './duty.ts';

const fleet = stackOf('fleet');
// What browsers have at the console's door asks for a session instead of a certificate.
const doors = Object.entries(stackOf('doors')).filter(([id]) => !id.includes('Browsers'));
const balancers = () => doors.filter(([, { Type }]) => Type === 'AWS::ElasticLoadBalancingV2::LoadBalancer');
const listeners = () => doors.filter(([, { Type }]) => Type === 'AWS::ElasticLoadBalancingV2::Listener');

/** As the API for displays at home hands it over. */
function priceRequest(): APIGatewayProxyEvent {
  return {
    path: '/v1/prices/zone-1',
    httpMethod: 'GET',
    headers: {},
    multiValueHeaders: {},
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    stageVariables: { front: 'certificates' },
    requestContext: { identity: { sourceIp: '198.51.100.1', clientCert: null } },
    resource: '/v1/prices/zone-1',
    body: null,
    isBase64Encoded: false,
  } as unknown as APIGatewayProxyEvent;
}

let duty: Duty;
beforeEach(() => {
  duty = new Duty();
});
afterEach(() => duty.end());

/** Values of a dimension in all alarms of a runbook. */
const watched = (kind: string, dimension: string) =>
  new Set(duty.alarms.of(kind).map(({ Dimensions = [] }) => String(Dimensions.find(({ Name }) => Name === dimension)?.Value)));
/** Metrics that alarms of a runbook look at. */
const metrics = (kind: string) => new Set(duty.alarms.of(kind).map(({ Namespace, MetricName }) => `${Namespace} ${MetricName}`));

describe('what a service of AWS refuses', () => {
  /** The function of handshakes, on AWS's key service, which answers as it is told. */
  async function handshake(scene: Scene, answers: () => Promise<unknown>): Promise<readonly string[]> {
    duty.turn();
    const client = { send: answers } as never;
    const kms = new AwsKms({ client, stage: 'prod', clock: scene.world.clock, operations: new OperationCounts() });
    const handler = makeKeys({ ...scene.world.as('keys'), kms }, scene.defences);
    const body = scene.body('north-1', (await scene.meters[0]!.hello(1)).hello.bytes);
    return failedIds((await handler(sqsEvent('handshake', [body]), lambdaContext('keys'))) ?? undefined);
  }

  it('kms-throttles: a key service that throttles raises it, the handshake comes again, and is answered', async () => {
    const scene = await makeScene();
    expect(await handshake(scene, () => Promise.reject(fault('ThrottlingException')))).toEqual(['message-0']);
    expect([duty.hears('kms-throttles'), duty.hears('access-denied')]).toEqual([true, false]);
    duty.turn();
    await withEpoch(scene, scene.meters[0]!);
    expect(duty.hears('kms-throttles')).toBe(false);
  });

  it('access-denied: a key policy that refuses the role raises it, and the right policy ends it', async () => {
    const scene = await makeScene();
    expect(await handshake(scene, () => Promise.reject(fault('AccessDeniedException')))).toEqual(['message-0']);
    expect([duty.hears('access-denied'), duty.hears('kms-throttles')]).toEqual([true, false]);
    duty.turn();
    await withEpoch(scene, scene.meters[0]!);
    expect(duty.hears('access-denied')).toBe(false);
  });

  it('meters-without-keys: handshakes that wait for a throttled key service raise it, and neither alone does', async () => {
    const scene = await makeScene();
    await handshake(scene, () => Promise.reject(fault('ThrottlingException')));
    expect(duty.hears('kms-throttles')).toBe(true);
    const raised = ['kms-throttles', 'queue-age-handshake'];
    expect(duty.alarms.isTogether('meters-without-keys', raised)).toBe(true);
    for (const one of raised) expect(duty.alarms.isTogether('meters-without-keys', [one])).toBe(false);
    duty.turn();
    await withEpoch(scene, scene.meters[0]!);
    expect(duty.hears('kms-throttles')).toBe(false);
  });

  it('table-throttles: a table that throttles is asked again after a while, and every table is watched', async () => {
    const answers = [fault('ProvisionedThroughputExceededException'), { Item: { pk: { S: 'p' } } }];
    const client = fakeClient<DynamoDBClient>({
      GetItem: () => {
        const answer = answers.shift();
        if (answer instanceof Error) throw answer;
        return answer;
      },
    });
    const table = new DynamoTable({ client, table: 't', operations: new OperationCounts() });
    const key = { pk: { S: 'p' }, sk: { S: 's' } };
    await expect(table.get(key)).rejects.toMatchObject({ code: 'ERR_STORE_THROTTLED', retryable: true });
    expect(await table.get(key)).toEqual({ pk: { S: 'p' } });
    expect(watched('table-throttles', 'TableName')).toEqual(namesIn('AWS::DynamoDB::GlobalTable', 'TableName'));
    expect(metrics('table-throttles')).toEqual(new Set(['AWS/DynamoDB ReadThrottleEvents', 'AWS/DynamoDB WriteThrottleEvents']));
  });
});

const deployed = core();
/** Names of what is deployed, as in production. */
function namesIn(type: string, property: string): Set<string> {
  const names = deployed.filter(({ Type }) => Type === type).map(({ Properties }) => String(Properties[property]));
  return new Set(names.map((name) => name.replace('joulekeep-dev-', 'joulekeep-prod-')));
}

describe('what functions don’t come to', () => {
  it('function-errors: a duty that its store leaves fails as a whole, says with which code, and is made up for', async () => {
    const scene = await makeScene();
    const faults = new Faults();
    const handler = makeMaintenance(faulty(scene.world.as('maintenance'), faults), scene.defences);
    const run = () => handler({} as never, lambdaContext('maintenance'));
    faults.set('store', { kind: 'down' });
    await expect(run()).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
    faults.set('store', undefined);
    await run();
    expect(metrics('function-errors')).toEqual(new Set(['AWS/Lambda Errors']));
    const names = namesIn('AWS::Lambda::Function', 'FunctionName');
    for (const { name } of FUNCTIONS) expect(names).toContain(`joulekeep-prod-${name}`);
    expect(watched('function-errors', 'FunctionName')).toEqual(new Set(FUNCTIONS.map(({ name }) => `joulekeep-prod-${name}`)));
  });

  it('feed-late: a commit that cannot be projected stays with what is behind it, and all is projected when it can', async () => {
    const town = await OperatorTown.of({ north: range(1, 3) });
    await town.send(range(1, 3), 1, 100);
    const faults = new Faults();
    const platform = town.street.world.as('project');
    const follow = follower({ ...platform, events: faulty(platform, faults).events });
    faults.set('store', { kind: 'down' });
    await expect(follow(town.street.arrivals)).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
    faults.set('store', undefined);
    expect(await follow(town.street.arrivals)).toEqual([]);
    expect(metrics('feed-late')).toEqual(new Set(['AWS/Lambda IteratorAge']));
    expect(watched('feed-late', 'FunctionName')).toContain('joulekeep-prod-project');
  });
});

describe('what the gateway refuses', () => {
  it('gateway-refusals: a device is let publish on its own topic alone, and one in quarantine does not even connect', () => {
    const things = { 'dc-a': { role: 'concentrator', quarantined: false }, 'dc-q': { role: 'concentrator', quarantined: true } } as const;
    const access = accessControl({ thing: (name) => things[name as keyof typeof things] }, defencesUnderTest().devicePolicies);
    const publish = (thing: string, topic: string) =>
      access('iot:Publish', 'topic', `$aws/rules/${TOPIC_RULES.telemetry.name}/v1/dc/${topic}/up`, { clientId: thing, thing }) === 'allow';
    expect([publish('dc-a', 'dc-a'), publish('dc-a', 'dc-b'), publish('dc-x', 'dc-x')]).toEqual([true, false, false]);
    expect(access('iot:Connect', 'client', 'dc-q', { clientId: 'dc-q', thing: 'dc-q' })).toBe('explicit-deny');
    expect(metrics('gateway-refusals')).toEqual(new Set(['AWS/IoT Connect.AuthError', 'AWS/IoT PublishIn.AuthError']));
    const { DefaultLogLevel } = Object.values(fleet).find(({ Type }) => Type === 'AWS::IoT::Logging')!.Properties;
    expect(DefaultLogLevel).toBe('WARN');
  });

  it('rule-failures: each rule that fills a queue is watched by its name, and lays what it could not deliver into the bucket', () => {
    expect(watched('rule-failures', 'RuleName')).toEqual(namesIn('AWS::IoT::TopicRule', 'RuleName'));
    for (const { Properties } of deployed.filter(({ Type }) => Type === 'AWS::IoT::TopicRule')) {
      const { Actions, ErrorAction } = Properties['TopicRulePayload'] as {
        readonly Actions: readonly object[];
        readonly ErrorAction: object;
      };
      expect(Actions).toEqual([expect.objectContaining({ Sqs: expect.anything() })]);
      expect(ErrorAction).toMatchObject({ S3: { BucketName: expect.stringContaining('-undelivered-') } });
    }
    for (const alarm of duty.alarms.of('rule-failures'))
      expect(alarm).toMatchObject({ MetricName: 'Failure', Dimensions: expect.arrayContaining([{ Name: 'ActionType', Value: 'SQS' }]) });
  });

  it('certificates-expiring: the daily audit looks for what the alarm counts, and a meter that asks gets a certificate for years', async () => {
    const audit = Object.values(fleet).find(({ Type }) => Type === 'AWS::IoT::ScheduledAudit')!.Properties;
    const devices = duty.alarms.of('certificates-expiring').filter(({ Namespace }) => Namespace === 'AWS/IoT');
    expect(devices).toHaveLength(2);
    for (const { Dimensions = [] } of devices) {
      expect(Dimensions.find(({ Name }) => Name === 'ScheduledAuditName')?.Value).toBe(audit['ScheduledAuditName']);
      expect(audit['TargetCheckNames']).toContain(Dimensions.find(({ Name }) => Name === 'CheckName')?.Value);
    }
    const scene = await makeScene();
    const [meter] = scene.meters;
    await withEpoch(scene, meter!);
    const { bytes } = await meter!.renewal();
    await scene.handshake('north-1', bytes);
    const certificates = (await scene.world.devices.find(`m-${meter!.meterId}`))!.certificates.map(({ der }) => new X509Certificate(der));
    expect(certificates).toHaveLength(2);
    expect(Date.parse(certificates[1]!.validTo) - scene.now).toBeGreaterThan(365 * 86_400_000);
  });
});

describe('what doors answer', () => {
  it('edge-errors: a function that fails answers 500, which the API counts, and 200 when it is mended', async () => {
    const scene = await makeScene();
    const { clock } = scene.world;
    let broken = true;
    const make = () => async () => {
      if (broken) throw new Error('broken');
      return { statusCode: 200, headers: {}, body: '{}' };
    };
    const platform = scene.world.as('price-api');
    const handler = new DoorHandler({
      name: 'price-api',
      stage: 'prod',
      platform,
      defences: scene.defences,
      make,
      monotonic: () => clock.now(),
    });
    const ask = async () => (await handler.handle(priceRequest(), lambdaContext('price-api'))).statusCode;
    expect(await ask()).toBe(500);
    broken = false;
    expect(await ask()).toBe(200);
    expect(metrics('edge-errors')).toEqual(new Set(['AWS/ApiGateway 5XXError']));
    const edge = Object.values(stackOf('edge'));
    const apis = edge.filter(({ Type }) => Type === 'AWS::ApiGateway::RestApi').map(({ Properties }) => String(Properties['Name']));
    expect(watched('edge-errors', 'ApiName')).toEqual(new Set(apis));
  });

  it('door-errors: a function that fails answers by itself, so that errors of the load balancer are those of nobody behind it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'joulekeep-drill-'));
    try {
      const door = await DoorWorld.open(await CertificateAuthority.open(directory, { now: () => Date.now() }));
      const ann = await door.caller('ann');
      const honest = door.answer;
      door.answer = async () => Promise.reject(new Error('broken'));
      expect((await door.send('/v1/exceptions', ann)).status).toBe(500);
      door.answer = honest;
      expect((await door.send('/v1/exceptions', ann)).status).toBe(200);
    } finally {
      rmSync(directory, { recursive: true });
    }
    expect(metrics('door-errors')).toEqual(new Set(['AWS/ApplicationELB HTTPCode_ELB_5XX_Count']));
    expect(duty.alarms.of('door-errors').length).toBe(balancers().length);
  });

  it('door-refusals: who comes with a certificate of another CA, or with none, is refused, and let in with a new one', async () => {
    const api = await ApiGateway.open();
    try {
      const { privateKey, csr } = await deviceKey('ann');
      const strangers = await CertificateAuthority.open(join(api.directory, 'other-ca'), api.clock);
      const strange = credentials('ann', privateKey, await strangers.issueToPerson('ann', 'operator', csr));
      const statuses = async () =>
        Promise.all([undefined, strange, await api.person('ann')].map(async (who) => (await api.send('/v1/exceptions', who)).status));
      expect(await statuses()).toEqual([401, 401, 200]);
    } finally {
      await api.close();
    }
    expect(metrics('door-refusals')).toEqual(new Set(['AWS/ApplicationELB ClientTLSNegotiationErrorCount']));
    // At a load balancer the handshake ends at once: there is nothing that would let such a client through to a function.
    expect(balancers().length).toBeGreaterThan(2);
    for (const [, { Properties }] of listeners()) expect(Properties['MutualAuthentication']).toMatchObject({ Mode: 'verify' });
  });
});
