import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import { PRIVATE_DOORS, rulesOf } from '../../lib/door-routes.ts';
import { DOORS_ACKNOWLEDGED } from '../../lib/guardrails/acknowledged-doors.ts';
import { publicWays } from '../../lib/guardrails/public-ways.ts';
import { STACK_NAMES } from '../../lib/joulekeep.ts';
import { DoorsStack, doorsLeftOut } from '../../lib/stacks/doors.ts';
import type { Stage } from '../../lib/stage.ts';
import { ROUTES } from '../../topology/routes.ts';
import { OPERATOR_LINK, synthesize } from './app.ts';
import { DEV, ENV, PROD, Synthesized, withApp } from './synthesized.ts';

const doors = new Synthesized((app) => new DoorsStack(app, 'doors', { stage: PROD, env: ENV }));
const ELB = 'AWS::ElasticLoadBalancingV2';

/** Logical ids of what stands at every door, by type, where a door has more than one of it. */
const ALWAYS: Readonly<Record<string, RegExp>> = { ListenerRule: /^Health/, TargetGroup: /^Target[0-9A-F]{8}$/ };

/** Properties of a door's part, by the logical id's beginning. */
function part(door: string, type: string): Readonly<Record<string, unknown>> {
  const of = ofDoor(door, type).filter(([id]) => ALWAYS[type.replace(`${ELB}::`, '')]?.test(id) ?? true);
  expect(of).toHaveLength(1);
  return of[0]![1].Properties;
}

/** Of a type, by logical id without the door; what browsers have at the console's door stands apart. */
function ofDoor(door: string, type: string) {
  const prefix = door.replaceAll('-', '');
  return [...doors.resources].flatMap(([id, resource]) =>
    id.startsWith(prefix) && !id.startsWith(`${prefix}Browsers`) && resource.Type === type
      ? [[id.slice(prefix.length), resource] as const]
      : [],
  );
}

const FUNCTION_ARN = (name: string) => new RegExp(`function:joulekeep-prod-${name}"`);

interface Condition {
  readonly PathPatternConfig?: { readonly Values: readonly string[] };
  readonly HttpRequestMethodConfig?: { readonly Values: readonly string[] };
}

describe.each(PRIVATE_DOORS)('the door of %s', (door) => {
  it('R9.3-1, C10.3-1, C10.3-2, R9.4-1, R9.4-3, C10.4-1: stands in the subnets of the operator link, for its address ranges alone', () => {
    const balancer = part(door, `${ELB}::LoadBalancer`);
    expect(balancer).toMatchObject({ Scheme: 'internal', Type: 'application', Subnets: { Ref: 'Subnets' } });
    const ranges = part(door, 'AWS::EC2::SecurityGroup') as {
      SecurityGroupIngress: object[];
      SecurityGroupEgress: object[];
      VpcId: string;
    };
    expect(ranges.VpcId).toBe('vpc-0123456789abcdef0');
    expect(ranges.SecurityGroupIngress).toEqual(
      ['10.20.0.0/16', '10.30.0.0/24'].flatMap((CidrIp) =>
        (door === 'console' ? [443, 8443] : [443]).map((port) =>
          expect.objectContaining({ CidrIp, IpProtocol: 'tcp', FromPort: port, ToPort: port }),
        ),
      ),
    );
    expect(ranges.SecurityGroupEgress).toEqual([expect.objectContaining({ CidrIp: '255.255.255.255/32' })]);
    expect(balancer['SecurityGroups']).toEqual([{ 'Fn::GetAtt': [expect.stringContaining('Ranges'), 'GroupId'] }]);
  });

  it('R9.3-1, R9.4-1, R9.4-3, C10.3-2: speaks TLS 1.3 alone, and verifies each certificate against a trust store of its own', () => {
    const listener = part(door, `${ELB}::Listener`);
    expect(listener).toMatchObject({
      Protocol: 'HTTPS',
      Port: door === 'console' ? 8443 : 443,
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-3-PQ-2025-09',
    });
    const id = `${door.replaceAll('-', '')}Trust`;
    expect(listener['MutualAuthentication']).toEqual({
      Mode: 'verify',
      TrustStoreArn: { 'Fn::GetAtt': [expect.stringMatching(new RegExp(`^${id}`)), 'TrustStoreArn'] },
      IgnoreClientCertificateExpiry: false,
    });
    expect(part(door, `${ELB}::TrustStore`)).toMatchObject({
      CaCertificatesBundleS3Key: `${door}/ca.pem`,
      CaCertificatesBundleS3ObjectVersion: { Ref: expect.any(String) },
    });
  });

  it('R9.4-3: refuses certificates of its revocation list', () => {
    const revoked = part(door, `${ELB}::TrustStoreRevocation`);
    expect(revoked['RevocationContents']).toEqual([
      expect.objectContaining({ RevocationType: 'CRL', S3Key: `${door}/revoked.crl`, S3ObjectVersion: { Ref: expect.any(String) } }),
    ]);
  });

  it('R9.3-1, R9.4-3, C10.3-1, C10.4-1: hands its own routes to their functions, and no other request to anybody', () => {
    const rules = ofDoor(door, `${ELB}::ListenerRule`).filter(([id]) => !id.startsWith('Health'));
    const groups = new Map(ofDoor(door, `${ELB}::TargetGroup`).map(([id, { Properties }]) => [id, Properties]));
    const taken = rules.flatMap(([, { Properties }]) => {
      const [path, method] = Properties['Conditions'] as [Condition, Condition];
      const [action] = Properties['Actions'] as readonly { readonly Type: string; readonly TargetGroupArn: { readonly Ref: string } }[];
      const group = groups.get(action!.TargetGroupArn.Ref.slice(door.replaceAll('-', '').length))!;
      expect([action!.Type, group['TargetType']]).toEqual(['forward', 'lambda']);
      const target = JSON.stringify(group['Targets']);
      return method.HttpRequestMethodConfig!.Values.map((verb) => [verb, path.PathPatternConfig!.Values.join(), target] as const);
    });
    const own = ROUTES.filter((route) => route.door === door);
    expect(taken).toHaveLength(own.length);
    for (const { method, path, function: name } of own) {
      const pattern = path.replaceAll(/\{\w+\}/g, '*');
      expect(taken.filter(([verb, at]) => verb === method && at === pattern)).toEqual([
        [method, pattern, expect.stringMatching(FUNCTION_ARN(name))],
      ]);
    }
  });

  it('tells its functions every value of a header, and by the name of the target group which door it is', () => {
    for (const [id, { Properties }] of ofDoor(door, `${ELB}::TargetGroup`).filter(([name]) => !ALWAYS['TargetGroup']!.test(name))) {
      expect([id, Properties['Name']]).toEqual([id, expect.stringMatching(new RegExp(`^joulekeep-prod-${door}-[0-9a-f]{5}$`))]);
      expect(String(Properties['Name']).length).toBeLessThanOrEqual(32);
      expect(Properties['TargetGroupAttributes']).toEqual([{ Key: 'lambda.multi_value_headers.enabled', Value: 'true' }]);
    }
  });

  it('answers the health route, and 404 to the rest', () => {
    const rule = part(door, `${ELB}::ListenerRule`);
    expect(rule['Conditions']).toEqual([
      { Field: 'path-pattern', PathPatternConfig: { Values: ['/v1/health'] } },
      { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['GET'] } },
    ]);
    expect(part(door, `${ELB}::Listener`)['DefaultActions']).toEqual([
      { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404', ContentType: 'application/json' } },
    ]);
  });

  it('logs requests and connections', () => {
    const attributes = part(door, `${ELB}::LoadBalancer`)['LoadBalancerAttributes'] as { Key: string; Value: unknown }[];
    const values = new Map(attributes.map(({ Key, Value }) => [Key, Value]));
    expect(values.get('access_logs.s3.enabled')).toBe('true');
    expect(values.get('connection_logs.s3.enabled')).toBe('true');
    expect(values.get('routing.http.desync_mitigation_mode')).toBe('strictest');
    expect(values.get('deletion_protection.enabled')).toBe('true');
  });

  it('has names short enough for a load balancer', () => {
    for (const type of ['LoadBalancer', 'TargetGroup', 'TrustStore'])
      expect(String(part(door, `${ELB}::${type}`)['Name']).length).toBeLessThanOrEqual(32);
  });
});

describe('the doors', () => {
  it('R9.4-3: trust no CA twice: each audience has one of its own', () => {
    const keys = doors.of(`${ELB}::TrustStore`).map(({ Properties }) => Properties['CaCertificatesBundleS3Key']);
    expect(new Set(keys).size).toBe(PRIVATE_DOORS.length);
    expect(keys).toHaveLength(4);
  });

  it('let the load balancers alone call what stands behind them', () => {
    const permissions = doors.of('AWS::Lambda::Permission');
    const behind = new Set(
      ROUTES.flatMap((route) => (PRIVATE_DOORS.some((door) => door === route.door) ? [`${route.door} ${route.function}`] : [])),
    );
    expect(behind.size).toBeGreaterThan(0);
    const forBrowsers = [...behind].filter((name) => name.startsWith('console '));
    expect(forBrowsers.length).toBeGreaterThan(3);
    expect(permissions).toHaveLength(PRIVATE_DOORS.length + behind.size + forBrowsers.length + 1);
    const groups = new Set(doors.of(`${ELB}::TargetGroup`).map(({ Properties }) => Properties['Name']));
    expect(groups.size).toBe(permissions.length);
    for (const { Properties } of permissions) {
      expect(Properties['Principal']).toBe('elasticloadbalancing.amazonaws.com');
      const [, group] = /targetgroup\/([a-z0-9-]+)\/\*/.exec(JSON.stringify(Properties['SourceArn']))!;
      expect(groups.delete(group)).toBe(true);
    }
  });

  it('take the longer path first, and keep the place of a path whatever comes beside it', () => {
    const route = (path: string, method = 'GET', name = 'one') =>
      ({ path, method, function: name }) as Parameters<typeof rulesOf>[0][number];
    const few = [route('/v1/a/{x}'), route('/v1/a/{x}/b/{y}', 'GET', 'two'), route('/v1/a/list', 'GET', 'two')];
    const rules = rulesOf(few);
    expect(rules.map(({ pattern }) => pattern)).toEqual(['/v1/a/*/b/*', '/v1/a/list', '/v1/a/*']);
    const more = rulesOf([route('/v1/c'), ...few, route('/v1/a/{x}', 'DELETE')]);
    for (const { pattern, priority } of rules) expect(more.find((rule) => rule.pattern === pattern)?.priority).toBe(priority);
    expect(more.find(({ pattern }) => pattern === '/v1/a/*')?.methods).toEqual(['GET', 'DELETE']);
    for (const { priority } of more) expect(priority > 9 && priority < 50_000).toBe(true);
    expect(() => rulesOf([route(`/v1/${'a'.repeat(128)}`)])).toThrow(RangeError);
  });

  it('R9.3-1, R9.4-3, C10.3-1, C10.3-2, C10.4-1: no stack has a public way to operator, third parties or billing', () => {
    const whole = synthesize({ stage: 'prod', operatorLink: OPERATOR_LINK, domain: 'example.org' });
    expect([...whole.stacks.keys()]).toEqual(STACK_NAMES);
    for (const name of whole.stacks.keys()) expect([name, publicWays(whole.template(name).toJSON())]).toEqual([name, []]);
  });

  it('C10.4-1: cannot be missing from prod', () => {
    const { operatorLink: _, ...unlinked } = PROD;
    expect(() => doorsLeftOut(unlinked)).toThrow(expect.objectContaining({ code: 'ERR_STAGE_INVALID' }));
    expect(() => withApp((app) => new DoorsStack(app, 'doors', { stage: unlinked, env: ENV }))).toThrow(/operatorLink/);
  });

  it('are left out of dev without a link, and say so in one line', () => {
    expect(doorsLeftOut(DEV)).toBe('doors: left out, stage dev has no operatorLink');
    expect(doorsLeftOut(PROD)).toBeUndefined();
  });

  it.each([[[]], [['0.0.0.0/0']], [['10.0.0.0/8', '0.0.0.0/1']], [['10.1.2.3']]])(
    'C10.4-1: refuse a link that is no private network: %j',
    (cidrs) => {
      const stage: Stage = { ...PROD, operatorLink: { vpcId: 'vpc-0123456789abcdef0', cidrs } };
      expect(() => withApp((app) => new DoorsStack(app, 'doors', { stage, env: ENV }))).toThrow(
        expect.objectContaining({ code: 'ERR_STAGE_INVALID' }),
      );
    },
  );

  it('have no finding of cdk-nag that is not acknowledged with a reason of its own', () => {
    expect(doors.findings).toEqual([]);
    const planted = new Synthesized((app) => {
      const stack = new DoorsStack(app, 'doors', { stage: PROD, env: ENV });
      new Bucket(stack, 'Planted');
      return stack;
    });
    expect(planted.findings).toContain('doors/Planted/Resource AwsSolutions-S1');
    expect(new Set(DOORS_ACKNOWLEDGED.map(({ reason }) => reason)).size).toBe(DOORS_ACKNOWLEDGED.length);
  });
});

describe('the guard against public ways', () => {
  const verified = { Protocol: 'HTTPS', MutualAuthentication: { Mode: 'verify' } };
  it.each([
    ['AWS::ElasticLoadBalancingV2::LoadBalancer', { Scheme: 'internet-facing' }],
    ['AWS::ElasticLoadBalancingV2::LoadBalancer', {}],
    ['AWS::ElasticLoadBalancingV2::Listener', { Protocol: 'HTTP' }],
    ['AWS::ElasticLoadBalancingV2::Listener', { Protocol: 'HTTPS' }],
    ['AWS::ElasticLoadBalancingV2::Listener', { ...verified, MutualAuthentication: { Mode: 'passthrough' } }],
    [
      'AWS::ElasticLoadBalancingV2::Listener',
      { ...verified, MutualAuthentication: { Mode: 'verify', IgnoreClientCertificateExpiry: true } },
    ],
    [
      'AWS::ElasticLoadBalancingV2::Listener',
      { Protocol: 'HTTPS', MutualAuthentication: { Mode: 'off' }, LoadBalancerArn: { Ref: 'billingBalancer1' } },
    ],
    [
      'AWS::ElasticLoadBalancingV2::Listener',
      { Protocol: 'HTTPS', MutualAuthentication: { Mode: 'passthrough' }, LoadBalancerArn: { Ref: 'consoleBalancer1' } },
    ],
    ['AWS::Lambda::Url', { AuthType: 'AWS_IAM' }],
    ['AWS::ApiGateway::RestApi', { Name: 'joulekeep-prod-billing', EndpointConfiguration: { Types: ['REGIONAL'] } }],
    ['AWS::ApiGateway::RestApi', { Name: 'joulekeep-prod-operator' }],
    ['AWS::ApiGateway::Method', { HttpMethod: 'ANY' }],
    ['AWS::ApiGatewayV2::Api', { ProtocolType: 'HTTP' }],
    ['AWS::EC2::SecurityGroup', { SecurityGroupIngress: [{ CidrIp: '0.0.0.0/0' }] }],
    ['AWS::EC2::SecurityGroupIngress', { CidrIpv6: '::/0' }],
    ['AWS::EC2::SecurityGroup', { SecurityGroupIngress: [{ CidrIp: '0.0.0.0/1' }, { CidrIp: '128.0.0.0/1' }] }],
    ['AWS::EC2::SecurityGroup', { SecurityGroupIngress: [{ CidrIp: '10.0.0.0/16' }, { CidrIp: '128.0.0.0/1' }] }],
    ['AWS::EC2::SecurityGroup', { SecurityGroupIngress: [{ CidrIp: '10.0.0.0/7' }] }],
    ['AWS::EC2::SecurityGroup', { SecurityGroupIngress: [{ CidrIp: { Ref: 'Anywhere' } }] }],
    ['AWS::EC2::SecurityGroup', { SecurityGroupIngress: { 'Fn::If': ['Open', [{ CidrIp: '0.0.0.0/0' }], []] } }],
    ['AWS::EC2::SecurityGroupIngress', { CidrIp: { Ref: 'Anywhere' } }],
    ['AWS::EC2::SecurityGroupIngress', { CidrIp: '10.0.0.0/8', CidrIpv6: '2000::/3' }],
    ['AWS::EC2::SecurityGroupIngress', { SourcePrefixListId: 'pl-0123456789abcdef0' }],
    ['AWS::EC2::Instance', { NetworkInterfaces: [{ DeviceIndex: '0', AssociatePublicIpAddress: true }] }],
    ['AWS::EC2::Instance', { SubnetId: 'subnet-0123456789abcdef0' }],
    ['AWS::EC2::LaunchTemplate', { LaunchTemplateData: { NetworkInterfaces: [{ AssociatePublicIpAddress: true }] } }],
    ['AWS::EC2::Subnet', { MapPublicIpOnLaunch: true }],
    ['AWS::AppSync::GraphQLApi', { Name: 'x', AuthenticationType: 'AWS_IAM' }],
    ['AWS::AppSync::Api', { Name: 'x' }],
    ['AWS::AppRunner::Service', {}],
    ['AWS::AppRunner::Service', { NetworkConfiguration: { IngressConfiguration: { IsPubliclyAccessible: true } } }],
    ['AWS::Lambda::Permission', { Action: 'lambda:InvokeFunction', Principal: '*' }],
    ['AWS::EC2::InternetGateway', {}],
  ])('R9.3-1, R9.4-3, C10.3-1, C10.4-1: finds %s %j', (Type, Properties) => {
    expect(publicWays({ Resources: { Planted: { Type, Properties } } })).toEqual([expect.stringMatching(/^Planted: /)]);
  });

  it('leaves alone what is private', () => {
    const Resources = {
      Balancer: { Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: { Scheme: 'internal' } },
      Listener: { Type: 'AWS::ElasticLoadBalancingV2::Listener', Properties: verified },
      Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'x', EndpointConfiguration: { Types: ['PRIVATE'] } } },
      Group: {
        Type: 'AWS::EC2::SecurityGroup',
        Properties: { SecurityGroupIngress: [{ CidrIp: '10.0.0.0/8' }, { CidrIpv6: 'fd00::/8' }] },
      },
      Rule: { Type: 'AWS::EC2::SecurityGroupIngress', Properties: { SourceSecurityGroupId: { Ref: 'Group' } } },
      Closed: { Type: 'AWS::EC2::SecurityGroup', Properties: {} },
      Instance: { Type: 'AWS::EC2::Instance', Properties: { NetworkInterfaces: [{ AssociatePublicIpAddress: false }] } },
      Subnet: { Type: 'AWS::EC2::Subnet', Properties: {} },
      Graph: { Type: 'AWS::AppSync::GraphQLApi', Properties: { Visibility: 'PRIVATE' } },
      Runner: {
        Type: 'AWS::AppRunner::Service',
        Properties: { NetworkConfiguration: { IngressConfiguration: { IsPubliclyAccessible: false } } },
      },
      Permission: { Type: 'AWS::Lambda::Permission', Properties: { Principal: 'events.amazonaws.com' } },
    };
    expect(publicWays({ Resources })).toEqual([]);
  });
});
