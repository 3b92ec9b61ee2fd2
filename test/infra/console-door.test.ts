import { describe, expect, it } from 'vitest';
import { DoorsStack } from '../../lib/stacks/doors.ts';
import { ROUTES } from '../../topology/routes.ts';
import { DEV, ENV, PROD, Synthesized } from './synthesized.ts';

const ELB = 'AWS::ElasticLoadBalancingV2';
const doors = new Synthesized((app) => new DoorsStack(app, 'doors', { stage: PROD, env: ENV }));
const browsers = [...doors.resources].filter(([id]) => id.startsWith('consoleBrowsers'));
const ofType = (type: string) => browsers.flatMap(([id, { Type, Properties }]) => (Type === type ? [[id, Properties] as const] : []));

interface Condition {
  readonly PathPatternConfig?: { readonly Values: readonly string[] };
  readonly HttpRequestMethodConfig?: { readonly Values: readonly string[] };
}

/** Rules of the listener as `verb pattern group`, with their priority. */
const rules = ofType(`${ELB}::ListenerRule`).flatMap(([, { Conditions, Actions, Priority }]) => {
  const [path, method] = Conditions as [Condition, Condition];
  const [{ TargetGroupArn }] = Actions as [{ readonly TargetGroupArn: { readonly Ref: string } }];
  const group = String(doors.resources.get(TargetGroupArn.Ref)!.Properties['Name']);
  return method.HttpRequestMethodConfig!.Values.map((verb) => ({
    line: `${verb} ${path.PathPatternConfig!.Values.join()}`,
    group,
    priority: Number(Priority),
  }));
});

describe('the console’s door for browsers', () => {
  it('R9.2-1, C10.2-1: speaks TLS 1.3 alone on the internal load balancer, and asks for no certificate', () => {
    const [listener, ...others] = ofType(`${ELB}::Listener`).map(([, properties]) => properties);
    expect(others).toEqual([]);
    expect(listener).toMatchObject({
      Port: 443,
      Protocol: 'HTTPS',
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-3-PQ-2025-09',
      MutualAuthentication: { Mode: 'off' },
      LoadBalancerArn: { Ref: expect.stringMatching(/^consoleBalancer/) },
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404', ContentType: 'application/json' } }],
    });
  });

  it('no other door has a listener that verifies no certificate', () => {
    const modes = doors
      .of(`${ELB}::Listener`)
      .map(({ Properties }) => (Properties['MutualAuthentication'] as { readonly Mode: string }).Mode);
    expect(modes.sort()).toEqual(['off', 'verify', 'verify', 'verify', 'verify']);
  });

  it('C10.2-1: hands over the console’s routes by target groups whose name says that nobody verified a certificate', () => {
    const own = ROUTES.filter((route) => route.door === 'console');
    const routed = rules.filter(({ group }) => group !== 'joulekeep-prod-console-site');
    expect(routed.map(({ line }) => line).sort()).toEqual(
      own.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '*')}`).sort(),
    );
    for (const { group } of routed) {
      expect(group).toMatch(/^joulekeep-prod-console-[0-9a-f]{5}-web$/);
      expect(group.length).toBeLessThanOrEqual(32);
    }
  });

  it('shows the files of the console after every route, from a bucket that nobody else reads', () => {
    const files = rules.filter(({ group }) => group === 'joulekeep-prod-console-site');
    expect(files.map(({ line }) => line).sort()).toEqual(
      ['/', '/*.*', '/assets/*'].flatMap((path) => [`GET ${path}`, `HEAD ${path}`]).sort(),
    );
    const routed = rules.filter(({ group }) => group !== 'joulekeep-prod-console-site');
    expect(Math.min(...files.map(({ priority }) => priority))).toBeGreaterThan(Math.max(...routed.map(({ priority }) => priority)));
    const site = doors.of('AWS::Lambda::Function').find(({ Properties }) => Properties['FunctionName'] === 'joulekeep-prod-console-site')!;
    expect(site.Properties['Environment']).toMatchObject({
      Variables: { JOULEKEEP_SITE_CONNECT: 'https://cognito-idp.eu-central-1.amazonaws.com https://sign-in.example.org' },
    });
    const policies = doors.of('AWS::S3::BucketPolicy').filter(({ Properties }) => JSON.stringify(Properties['Bucket']).includes('"Site'));
    expect(policies).toHaveLength(1);
    expect(JSON.stringify(policies[0]!.Properties)).not.toContain('"Effect":"Allow"');
  });

  it('is not there where nobody can sign in', () => {
    const { domain: _, ...nameless } = { ...DEV, ...(PROD.operatorLink && { operatorLink: PROD.operatorLink }) };
    const bare = new Synthesized((app) => new DoorsStack(app, 'doors', { stage: nameless, env: ENV }));
    expect(bare.findings).toEqual([]);
    expect([...bare.resources.keys()].filter((id) => /Browsers|Site/.test(id))).toEqual([]);
  });
});
