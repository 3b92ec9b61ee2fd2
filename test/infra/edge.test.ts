import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import { problemOf } from '../../api/problems.ts';
import { EDGE_ACKNOWLEDGED } from '../../lib/guardrails/acknowledged-edge.ts';
import { EdgeStack, edgeLeftOut } from '../../lib/stacks/edge.ts';
import { ROUTES } from '../../topology/routes.ts';
import { cacheControlOf, securityHeaders } from '../../topology/web-headers.ts';
import { type HeadersPolicy, headersOf } from './response-headers.ts';
import { DEV, ENV, Synthesized, withApp } from './synthesized.ts';

const edge = new Synthesized((app) => new EdgeStack(app, 'edge', { stage: DEV, env: ENV }));
const { template } = edge;

interface Behavior {
  readonly PathPattern?: string;
  readonly TargetOriginId: string;
  readonly ViewerProtocolPolicy: string;
  readonly AllowedMethods: readonly string[];
  readonly CachePolicyId: unknown;
  readonly ResponseHeadersPolicyId: { readonly Ref: string };
}
interface Origin {
  readonly Id: string;
  readonly OriginCustomHeaders?: readonly { readonly HeaderName: string; readonly HeaderValue: unknown }[];
  readonly CustomOriginConfig?: unknown;
  readonly OriginAccessControlId?: unknown;
}
interface Front {
  readonly Aliases: readonly string[];
  readonly ViewerCertificate: unknown;
  readonly DefaultRootObject: string;
  readonly DefaultCacheBehavior: Behavior;
  readonly CacheBehaviors: readonly Behavior[];
  readonly Origins: readonly Origin[];
  readonly CustomErrorResponses?: unknown;
}
const [distribution] = edge.of('AWS::CloudFront::Distribution');
const front = distribution!.Properties['DistributionConfig'] as Front;
const originOf = ({ TargetOriginId }: Behavior) => front.Origins.find(({ Id }) => Id === TargetOriginId)!;

describe('the API for displays at home', () => {
  it('C10.2-1: asks for a client certificate on its domain, against a trust store of a fixed version', () => {
    const domains = edge.of('AWS::ApiGateway::DomainName');
    expect(domains).toHaveLength(1);
    expect(domains[0]?.Properties).toMatchObject({
      DomainName: 'devices.dev.example.org',
      EndpointConfiguration: { Types: ['REGIONAL'] },
      SecurityPolicy: 'TLS_1_2',
      MutualTlsAuthentication: { TruststoreVersion: { Ref: expect.any(String) } },
    });
  });

  it('C10.2-1: has no default endpoint, which would ask for none', () => {
    template.hasResourceProperties('AWS::ApiGateway::RestApi', { Name: 'joulekeep-dev-devices', DisableExecuteApiEndpoint: true });
    const mapped = JSON.stringify(edge.of('AWS::ApiGateway::BasePathMapping')[0]!.Properties['RestApiId']);
    expect(mapped).toBe(JSON.stringify({ Ref: apiIdOf('joulekeep-dev-devices') }));
  });
});

describe('the portal and the API for browsers and apps', () => {
  it('R9.2-1: are reached by TLS 1.3 alone, over HTTPS alone', () => {
    expect(front.Aliases).toEqual(['my.dev.example.org']);
    expect(front.ViewerCertificate).toMatchObject({ MinimumProtocolVersion: 'TLSv1.3_2025', SslSupportMethod: 'sni-only' });
    for (const behavior of [front.DefaultCacheBehavior, ...front.CacheBehaviors])
      expect([behavior.PathPattern, behavior.ViewerProtocolPolicy]).toEqual([behavior.PathPattern, 'https-only']);
    const customs = front.Origins.filter(({ CustomOriginConfig }) => CustomOriginConfig !== undefined);
    expect(customs).toHaveLength(1);
    expect(customs[0]!.CustomOriginConfig).toMatchObject({ OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] });
    template.hasResourceProperties('AWS::ApiGateway::RestApi', {
      Name: 'joulekeep-dev-customers',
      SecurityPolicy: 'SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09',
      EndpointAccessMode: 'STRICT',
    });
  });

  it('every route goes to the API, uncached, and everything else is a file of the portal', () => {
    const patterns = front.CacheBehaviors.map(({ PathPattern }) => PathPattern);
    expect(patterns).toEqual(['/.well-known/*', '/oauth/*', '/openadr3/*', '/sandbox/*', '/v1/*']);
    for (const behavior of front.CacheBehaviors) {
      expect(originOf(behavior).CustomOriginConfig).toBeDefined();
      // The managed policy that caches nothing.
      expect(behavior.CachePolicyId).toBe('4135ea2d-6df8-44a3-9df3-4b5a84be39ad');
    }
    expect(originOf(front.DefaultCacheBehavior).OriginAccessControlId).toBeDefined();
    expect([...front.DefaultCacheBehavior.AllowedMethods]).toEqual(['GET', 'HEAD']);
    expect([front.DefaultRootObject, front.CustomErrorResponses]).toEqual(['index.html', undefined]);
  });

  it('R9.2-4: files have the headers of topology/web-headers.ts word for word, whatever their origin says', () => {
    const policy = policyOf(front.DefaultCacheBehavior);
    const connect = ['https://cognito-idp.eu-central-1.amazonaws.com', 'https://sign-in.dev.example.org'];
    expect(headersOf(policy)).toEqual(securityHeaders(connect));
    expect(JSON.stringify(policy)).not.toContain('"Override":false');
    // Answers are no pages; of one host there is one transport policy.
    const answers = headersOf(policyOf(front.CacheBehaviors[0]!));
    expect(answers['strict-transport-security']).toBe(securityHeaders([])['strict-transport-security']);
    expect(answers['x-frame-options']).toBe('DENY');
    expect(answers['content-security-policy']).toBeUndefined();
  });

  it('R9.2-4: a file is kept as long as the publisher wrote beside it, and no longer', () => {
    const [cache] = edge.of('AWS::CloudFront::CachePolicy');
    expect(cache!.Properties['CachePolicyConfig']).toMatchObject({
      MinTTL: 0,
      DefaultTTL: 0,
      MaxTTL: 31_536_000,
      ParametersInCacheKeyAndForwardedToOrigin: {
        CookiesConfig: { CookieBehavior: 'none' },
        HeadersConfig: { HeaderBehavior: 'none' },
        QueryStringsConfig: { QueryStringBehavior: 'none' },
      },
    });
    expect(cacheControlOf('index.html')).toBe('no-cache');
  });

  it('the bucket of the portal is read by this distribution alone, and over TLS', () => {
    const [site] = [...edge.resources].find(([, { Properties }]) => String(JSON.stringify(Properties['BucketName'])).includes('-portal-'))!;
    template.hasResourceProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      VersioningConfiguration: { Status: 'Enabled' },
    });
    const policy = edge.of('AWS::S3::BucketPolicy').find(({ Properties }) => JSON.stringify(Properties['Bucket']).includes(site))!;
    const { Statement } = policy.Properties['PolicyDocument'] as { Statement: { Effect: string; Principal: unknown; Action: unknown }[] };
    const allowed = Statement.filter(({ Effect }) => Effect === 'Allow');
    expect(allowed.map(({ Action, Principal }) => [Action, Principal])).toEqual([
      [['s3:GetObject', 's3:ListBucket'], { Service: 'cloudfront.amazonaws.com' }],
    ]);
    expect(JSON.stringify(allowed)).toContain('AWS:SourceArn');
  });

  it('is refused to whoever does not come through the distribution', () => {
    const [first] = rulesOf('joulekeep-dev-customers');
    expect(first).toMatchObject({ Priority: 0, Action: { Block: {} } });
    const matched = (first!.Statement as { NotStatement: { Statement: { ByteMatchStatement: { SearchString: unknown } } } }).NotStatement;
    expect(matched.Statement.ByteMatchStatement).toMatchObject({
      FieldToMatch: { SingleHeader: { Name: 'x-joulekeep-origin' } },
      PositionalConstraint: 'EXACTLY',
    });
    const header = originOf(front.CacheBehaviors[0]!).OriginCustomHeaders?.[0];
    expect(originOf(front.DefaultCacheBehavior).OriginCustomHeaders ?? []).toEqual([]);
    expect(header?.HeaderName).toBe('x-joulekeep-origin');
    expect(header?.HeaderValue).toEqual(matched.Statement.ByteMatchStatement.SearchString);
    expect(JSON.stringify(header?.HeaderValue)).toContain('{{resolve:secretsmanager:');
  });

  it('T8.3-2: counts requests by the address the distribution wrote, never by one a client wrote', () => {
    const rate = rulesOf('joulekeep-dev-customers').find(({ Name }) => Name === 'rate-per-address');
    expect(rate?.Statement).toMatchObject({
      RateBasedStatement: {
        AggregateKeyType: 'FORWARDED_IP',
        ForwardedIPConfig: { HeaderName: 'x-joulekeep-viewer', FallbackBehavior: 'MATCH' },
      },
    });
    const code = String(edge.of('AWS::CloudFront::Function')[0]?.Properties['FunctionCode']);
    const handler = new Function(`${code}; return handler;`)() as (event: object) => { headers: Record<string, { value: string }> };
    const request = { headers: { 'x-joulekeep-viewer': { value: '1.1.1.1' } } };
    expect(handler({ request, viewer: { ip: '203.0.113.7' } }).headers['x-joulekeep-viewer']?.value).toBe('203.0.113.7');
  });
});

describe('every API of the edge', () => {
  it.each(['joulekeep-dev-customers', 'joulekeep-dev-devices'])('T8.3-2: %s has the managed rules, a rate and throttles', (name) => {
    const names = rulesOf(name).map(({ Name }) => Name);
    expect(names).toEqual(
      expect.arrayContaining(['AWSManagedRulesCommonRuleSet', 'AWSManagedRulesKnownBadInputsRuleSet', 'rate-per-address']),
    );
    expect(edge.of('AWS::WAFv2::WebACLAssociation')).toHaveLength(2);
  });

  it('logs of what the wall blocked neither who had signed in nor the distribution’s secret', () => {
    const logs = edge.of('AWS::WAFv2::LoggingConfiguration');
    expect(logs).toHaveLength(2);
    const redacted = ['authorization', 'cookie', 'x-joulekeep-origin'].map((Name) => ({ SingleHeader: { Name } }));
    for (const { Properties } of logs) expect(Properties['RedactedFields']).toEqual(redacted);
  });

  it('logs who called by id, status and time, and nothing that was sent', () => {
    const stages = edge.of('AWS::ApiGateway::Stage');
    expect(stages).toHaveLength(2);
    for (const { Properties } of stages) {
      const { Format } = Properties['AccessLogSetting'] as { Format: string };
      expect(Format).toContain('$context.status');
      expect(Format).not.toMatch(/\$input|\$context\.path\b|authorizer|requestOverride|userAgent/);
      expect(Properties['MethodSettings']).toEqual([
        expect.objectContaining({ DataTraceEnabled: false, ThrottlingBurstLimit: 200, ThrottlingRateLimit: 100 }),
      ]);
    }
  });

  it.each([
    ['joulekeep-dev-customers', (_: string) => true],
    ['joulekeep-dev-devices', (name: string) => name === 'price-api'],
  ])('C10.2-1: %s has the routes of its door and the health route, each to its function, and no other', (api, isOwn) => {
    const own = ROUTES.filter((route) => route.door === 'customer' && isOwn(route.function));
    const wanted = own.map(({ method, path, function: name }) => `${method} ${path} joulekeep-dev-${name}`);
    expect(wanted.length).toBeGreaterThan(5);
    expect(methodsOf(api).sort()).toEqual([...wanted, 'GET /v1/health health'].sort());
    expect(new Set(methodsOf(api).map((line) => line.split(' ')[0])).has('ANY')).toBe(false);
  });

  it('C10.2-1: lets itself alone call the functions behind its routes', () => {
    const permissions = edge.of('AWS::Lambda::Permission').map(({ Properties }) => JSON.stringify(Properties));
    const ofHealth = permissions.filter((text) => text.includes('health') || text.includes('Health'));
    const behind = new Set(ROUTES.flatMap((route) => (route.door === 'customer' ? [route.function] : [])));
    expect(permissions.length - ofHealth.length).toBe(behind.size + 1);
    for (const text of permissions) {
      expect(text).toContain('"Principal":"apigateway.amazonaws.com"');
      expect(text).toMatch(/execute-api/);
      expect([apiIdOf('joulekeep-dev-customers'), apiIdOf('joulekeep-dev-devices')].some((id) => text.includes(id))).toBe(true);
    }
  });

  it('says to its functions which of the two it is, by a variable that no client sets', () => {
    const stages = edge
      .of('AWS::ApiGateway::Stage')
      .map(({ Properties }) => [(Properties['RestApiId'] as { Ref: string }).Ref, Properties['Variables']]);
    expect(Object.fromEntries(stages)).toEqual({
      [apiIdOf('joulekeep-dev-customers')]: { front: 'distribution' },
      [apiIdOf('joulekeep-dev-devices')]: { front: 'certificates' },
    });
  });

  it('answers 404 to what is no route, however the caller signed', () => {
    const unknown = edge
      .of('AWS::ApiGateway::GatewayResponse')
      .map(({ Properties }) => [Properties['ResponseType'], Properties['StatusCode']]);
    expect(unknown).toHaveLength(6);
    expect(new Set(unknown.map(([type]) => type))).toEqual(new Set(['MISSING_AUTHENTICATION_TOKEN', 'INVALID_SIGNATURE', 'ACCESS_DENIED']));
    expect(new Set(unknown.map(([, status]) => status))).toEqual(new Set(['404']));
    for (const { Properties } of edge.of('AWS::ApiGateway::GatewayResponse')) {
      const [body] = Object.values(Properties['ResponseTemplates'] as Record<string, string>);
      expect(JSON.parse(body!)).toEqual(problemOf('not-found', '$context.requestId'));
    }
  });
});

describe('the edge', () => {
  it('is left out of a stage without a domain, and says so', () => {
    const { domain: _, ...nameless } = DEV;
    expect(edgeLeftOut(DEV)).toBeUndefined();
    expect(edgeLeftOut(nameless)).toMatch(/no domain/);
    expect(() => withApp((app) => new EdgeStack(app, 'edge', { stage: nameless, env: ENV }))).toThrow(
      expect.objectContaining({ code: 'ERR_STAGE_INVALID' }),
    );
  });

  it('has no finding of cdk-nag that is not acknowledged with a reason of its own', () => {
    expect(edge.findings).toEqual([]);
    const planted = new Synthesized((app) => {
      const stack = new EdgeStack(app, 'edge', { stage: DEV, env: ENV });
      new Bucket(stack, 'Planted');
      return stack;
    });
    expect(planted.findings).toContain('edge/Planted/Resource AwsSolutions-S1');
    expect(new Set(EDGE_ACKNOWLEDGED.map(({ reason }) => reason)).size).toBe(EDGE_ACKNOWLEDGED.length);
  });
});

interface WafRule {
  readonly Name: string;
  readonly Priority: number;
  readonly Action?: unknown;
  readonly Statement: unknown;
}

function rulesOf(name: string): readonly WafRule[] {
  const acl = edge.of('AWS::WAFv2::WebACL').find(({ Properties }) => Properties['Name'] === name);
  return (acl?.Properties['Rules'] ?? []) as WafRule[];
}

function apiIdOf(name: string): string {
  return [...edge.resources].find(([, { Type, Properties }]) => Type === 'AWS::ApiGateway::RestApi' && Properties['Name'] === name)![0];
}

/** Methods of an API as `verb path function`. */
function methodsOf(name: string): string[] {
  const api = apiIdOf(name);
  const pathOf = (id: unknown): string => {
    const ref = (id as { Ref?: string }).Ref;
    const resource = ref === undefined ? undefined : edge.resources.get(ref);
    return resource === undefined ? '' : `${pathOf(resource.Properties['ParentId'])}/${String(resource.Properties['PathPart'])}`;
  };
  return edge.of('AWS::ApiGateway::Method').flatMap(({ Properties }) => {
    if ((Properties['RestApiId'] as { Ref: string }).Ref !== api) return [];
    const uri = JSON.stringify((Properties['Integration'] as { Uri: unknown }).Uri);
    const [, target = 'health'] = /function:([a-z0-9-]+)/.exec(uri) ?? [];
    return [`${String(Properties['HttpMethod'])} ${pathOf(Properties['ResourceId'])} ${target}`];
  });
}

function policyOf({ ResponseHeadersPolicyId }: Behavior): HeadersPolicy {
  return edge.resources.get(ResponseHeadersPolicyId.Ref)!.Properties['ResponseHeadersPolicyConfig'] as HeadersPolicy;
}
