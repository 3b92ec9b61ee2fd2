import { Match } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import { EDGE_ACKNOWLEDGED } from '../../lib/guardrails/acknowledged-edge.ts';
import { EdgeStack, edgeLeftOut } from '../../lib/stacks/edge.ts';
import { DEV, ENV, Synthesized, testApp } from './synthesized.ts';

const edge = new Synthesized((app) => new EdgeStack(app, 'edge', { stage: DEV, env: ENV }));
const { template } = edge;

describe('the API for displays at home', () => {
  it('asks for a client certificate on its domain, against a trust store of a fixed version', () => {
    const domains = edge.of('AWS::ApiGateway::DomainName');
    expect(domains).toHaveLength(1);
    expect(domains[0]?.Properties).toMatchObject({
      DomainName: 'devices.dev.example.org',
      EndpointConfiguration: { Types: ['REGIONAL'] },
      SecurityPolicy: 'TLS_1_2',
      MutualTlsAuthentication: { TruststoreVersion: { Ref: expect.any(String) } },
    });
  });

  it('has no default endpoint, which would ask for none', () => {
    template.hasResourceProperties('AWS::ApiGateway::RestApi', { Name: 'joulekeep-dev-devices', DisableExecuteApiEndpoint: true });
    const mapped = JSON.stringify(edge.of('AWS::ApiGateway::BasePathMapping')[0]!.Properties['RestApiId']);
    const [id] = [...edge.resources].find(([, { Properties }]) => Properties['Name'] === 'joulekeep-dev-devices')!;
    expect(mapped).toBe(JSON.stringify({ Ref: id }));
  });
});

describe('the API for browsers and apps', () => {
  it('is reached by TLS 1.3 alone, over HTTPS alone', () => {
    template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: Match.objectLike({
        Aliases: ['my.dev.example.org'],
        ViewerCertificate: Match.objectLike({ MinimumProtocolVersion: 'TLSv1.3_2025', SslSupportMethod: 'sni-only' }),
        DefaultCacheBehavior: Match.objectLike({ ViewerProtocolPolicy: 'https-only' }),
        Origins: [Match.objectLike({ CustomOriginConfig: { OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] } })],
      }),
    });
    template.hasResourceProperties('AWS::ApiGateway::RestApi', {
      Name: 'joulekeep-dev-customers',
      SecurityPolicy: 'SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09',
      EndpointAccessMode: 'STRICT',
    });
  });

  it('is refused to whoever does not come through the distribution', () => {
    const [first] = rulesOf('joulekeep-dev-customers');
    expect(first).toMatchObject({ Priority: 0, Action: { Block: {} } });
    const matched = (first!.Statement as { NotStatement: { Statement: { ByteMatchStatement: { SearchString: unknown } } } }).NotStatement;
    const { DistributionConfig } = edge.of('AWS::CloudFront::Distribution')[0]!.Properties as {
      DistributionConfig: { Origins: { OriginCustomHeaders: { HeaderName: string; HeaderValue: unknown }[] }[] };
    };
    const header = DistributionConfig.Origins[0]?.OriginCustomHeaders[0];
    expect(header?.HeaderName).toBe('x-joulekeep-origin');
    expect(header?.HeaderValue).toEqual(matched.Statement.ByteMatchStatement.SearchString);
    expect(JSON.stringify(header?.HeaderValue)).toContain('{{resolve:secretsmanager:');
  });

  it('counts requests by the address the distribution wrote, never by one a client wrote', () => {
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
  it.each(['joulekeep-dev-customers', 'joulekeep-dev-devices'])('%s has the managed rules, a rate and throttles', (name) => {
    const names = rulesOf(name).map(({ Name }) => Name);
    expect(names).toEqual(
      expect.arrayContaining(['AWSManagedRulesCommonRuleSet', 'AWSManagedRulesKnownBadInputsRuleSet', 'rate-per-address']),
    );
    expect(edge.of('AWS::WAFv2::WebACLAssociation')).toHaveLength(2);
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

  it('has the health route and no other', () => {
    expect(edge.of('AWS::ApiGateway::Resource').map(({ Properties }) => Properties['PathPart'])).toEqual(['v1', 'health', 'v1', 'health']);
    expect(edge.of('AWS::ApiGateway::Method').map(({ Properties }) => Properties['HttpMethod'])).toEqual(['GET', 'GET']);
  });
});

describe('the edge', () => {
  it('is left out of a stage without a domain, and says so', () => {
    const { domain: _, ...nameless } = DEV;
    expect(edgeLeftOut(DEV)).toBeUndefined();
    expect(edgeLeftOut(nameless)).toMatch(/no domain/);
    expect(() => new EdgeStack(testApp(), 'edge', { stage: nameless, env: ENV })).toThrow(
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
