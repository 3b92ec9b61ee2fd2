import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessControl, EMBEDDED_SCOPE } from '../../platform/embedded/gateway/access.ts';
import { compilePolicies, type DeviceAction } from '../../platform/embedded/gateway/policy.ts';
import type { DeviceRole } from '../../platform/ports/platform.ts';
import {
  deviceArn,
  type PolicyDocument,
  policiesOf,
  QUARANTINE_GROUP,
  resolvePolicy,
  ruleMessage,
  ruleOfTopic,
  ruleSql,
  THING_TYPES,
  TOPIC_RULES,
} from '../../topology/device-access.ts';
import { IOT_LIMITS } from '../../topology/limits.ts';
import { defencesUnderTest } from '../support/defences.ts';

const THINGS: Readonly<Record<string, { role: DeviceRole; quarantined: boolean }>> = {
  'dc-a': { role: 'concentrator', quarantined: false },
  'dc-b': { role: 'concentrator', quarantined: false },
  'dc-q': { role: 'concentrator', quarantined: true },
  'm-00124b0000000001': { role: 'meter', quarantined: false },
  'app-1': { role: 'customer-device', quarantined: false },
};
type Kind = 'client' | 'topic' | 'topicfilter';
type Case = readonly [subject: string, action: DeviceAction, kind: Kind, name: string, expected: 'allow' | 'deny'];

const MATRIX: readonly Case[] = [
  ['dc-a', 'iot:Connect', 'client', 'dc-a', 'allow'],
  ['dc-a', 'iot:Connect', 'client', 'dc-b', 'deny'],
  ['dc-a', 'iot:Connect', 'client', '*', 'deny'],
  ['dc-a', 'iot:Publish', 'topic', '$aws/rules/joulekeep_telemetry/v1/dc/dc-a/up', 'allow'],
  ['dc-a', 'iot:Publish', 'topic', '$aws/rules/joulekeep_handshake/v1/dc/dc-a/up', 'allow'],
  ['dc-a', 'iot:Publish', 'topic', '$aws/rules/joulekeep_service/v1/dc/dc-a/up', 'allow'],
  ['dc-a', 'iot:Publish', 'topic', '$aws/rules/joulekeep_telemetry/v1/dc/dc-b/up', 'deny'],
  ['dc-a', 'iot:Publish', 'topic', '$aws/rules/joulekeep_telemetry/v1/dc/dc-a/up/more', 'deny'],
  ['dc-a', 'iot:Publish', 'topic', '$aws/rules/another_rule/v1/dc/dc-a/up', 'deny'],
  ['dc-a', 'iot:Publish', 'topic', 'v1/dc/dc-a/down', 'deny'],
  ['dc-a', 'iot:Publish', 'topic', '$aws/things/dc-a/shadow/update', 'deny'],
  ['dc-a', 'iot:Publish', 'topic', '#', 'deny'],
  ['dc-a', 'iot:RetainPublish', 'topic', '$aws/rules/joulekeep_telemetry/v1/dc/dc-a/up', 'deny'],
  ['dc-a', 'iot:Subscribe', 'topicfilter', 'v1/dc/dc-a/down', 'allow'],
  ['dc-a', 'iot:Subscribe', 'topicfilter', 'v1/dc/dc-b/down', 'deny'],
  ['dc-a', 'iot:Subscribe', 'topicfilter', 'v1/dc/+/down', 'deny'],
  ['dc-a', 'iot:Subscribe', 'topicfilter', 'v1/dc/dc-a/#', 'deny'],
  ['dc-a', 'iot:Subscribe', 'topicfilter', '#', 'deny'],
  ['dc-a', 'iot:Subscribe', 'topicfilter', 'v1/dc/*/down', 'deny'],
  ['dc-a', 'iot:Receive', 'topic', 'v1/dc/dc-a/down', 'allow'],
  ['dc-a', 'iot:Receive', 'topic', 'v1/dc/dc-b/down', 'deny'],
  ['dc-b', 'iot:Publish', 'topic', '$aws/rules/joulekeep_telemetry/v1/dc/dc-b/up', 'allow'],
  ['dc-b', 'iot:Receive', 'topic', 'v1/dc/dc-a/down', 'deny'],
  ['dc-q', 'iot:Connect', 'client', 'dc-q', 'deny'],
  ['dc-q', 'iot:Publish', 'topic', '$aws/rules/joulekeep_telemetry/v1/dc/dc-q/up', 'deny'],
  ['m-00124b0000000001', 'iot:Connect', 'client', 'm-00124b0000000001', 'deny'],
  ['m-00124b0000000001', 'iot:Publish', 'topic', '$aws/rules/joulekeep_telemetry/v1/dc/m-00124b0000000001/up', 'deny'],
  ['app-1', 'iot:Connect', 'client', 'app-1', 'deny'],
  ['dc-unknown', 'iot:Connect', 'client', 'dc-unknown', 'deny'],
  ['dc-unknown', 'iot:Publish', 'topic', '$aws/rules/joulekeep_telemetry/v1/dc/dc-unknown/up', 'deny'],
];

describe('device policies', () => {
  it('C10.1-1: 30 cases of subject, action and resource, denied by default', () => {
    const access = accessControl({ thing: (name) => THINGS[name] }, defencesUnderTest().devicePolicies);
    const decided = MATRIX.map(([subject, action, kind, name]) => {
      const decision = access(action, kind, name, { clientId: subject, thing: subject });
      return [subject, action, kind, name, decision === 'allow' ? 'allow' : 'deny'] as const;
    });
    expect(MATRIX).toHaveLength(30);
    expect(decided).toEqual(MATRIX);
  });

  it('R9.1-4, C10.1-1: any subject, action and resource decides as an independent truth table says', () => {
    const access = accessControl({ thing: (name) => THINGS[name] }, defencesUnderTest().devicePolicies);
    const things = [...Object.keys(THINGS), 'dc-*', 'dc-?', '+', '#', ''];
    const name = fc
      .tuple(fc.constantFrom(...things), fc.constantFrom(...TEMPLATES))
      .map(([thing, template]) => template.replace('@', thing));
    const action = fc.constantFrom<DeviceAction[]>('iot:Connect', 'iot:Publish', 'iot:RetainPublish', 'iot:Subscribe', 'iot:Receive');
    const kind = fc.constantFrom<Kind[]>('client', 'topic', 'topicfilter');
    fc.assert(
      fc.property(fc.constantFrom(...things), fc.constantFrom(...things), action, kind, name, (subject, clientId, act, where, what) => {
        const decision = access(act, where, what, { clientId, thing: subject });
        expect(decision === 'allow').toBe(truth(subject, act, where, what));
      }),
      { numRuns: 3_000 },
    );
  });

  it('R9.1-4: an unattached certificate may do nothing, whatever its client id', () => {
    const evaluate = compilePolicies(policiesOf('concentrator', false).map(({ document }) => resolvePolicy(document, EMBEDDED_SCOPE)));
    for (const [clientId, action, kind, name] of MATRIX) {
      expect(evaluate({ action, resource: deviceArn(EMBEDDED_SCOPE, kind, name) }, { clientId, thing: undefined })).toBe('default-deny');
    }
  });

  it('an explicit deny wins over every allow', () => {
    const allowAll: PolicyDocument = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: ['iot:*'], Resource: ['*'] }] };
    const context = { clientId: 'x', thing: 'x' };
    expect(compilePolicies([allowAll])({ action: 'iot:Publish', resource: 'anything' }, context)).toBe('allow');
    const both = compilePolicies([allowAll, QUARANTINE_GROUP.policy.document]);
    expect(both({ action: 'iot:Publish', resource: 'anything' }, context)).toBe('explicit-deny');
  });

  it('wildcards match as an independent reading of them does', () => {
    const letters = fc.array(fc.constantFrom('a', 'b', '/', '+', '#', '*', '?', '.'), { maxLength: 9 }).map((list) => list.join(''));
    fc.assert(
      fc.property(letters, letters, (pattern, text) => {
        const decide = compilePolicies([policy('iot:Publish', pattern)]);
        const allowed = decide({ action: 'iot:Publish', resource: text }, { clientId: '', thing: undefined }) === 'allow';
        expect(allowed).toBe(slowMatch(pattern, text));
      }),
      { numRuns: 3_000 },
    );
  });

  it('a variable value is taken literally, and a missing one matches nothing', () => {
    const decide = compilePolicies([policy('iot:Subscribe', `a/\${iot:Connection.Thing.ThingName}/*`)]);
    const asks = (resource: string, thing: string | undefined) => decide({ action: 'iot:Subscribe', resource }, { clientId: 'c', thing });
    expect(asks('a/t/x', 't')).toBe('allow');
    expect(asks('a/t/x', '*')).toBe('default-deny');
    expect(asks('a/*/x', '*')).toBe('allow');
    expect(asks('a//x', undefined)).toBe('default-deny');
  });

  it('what it does not understand it refuses to evaluate', () => {
    const statement = { Effect: 'Allow', Action: ['iot:Publish'], Resource: ['*'] } as const;
    const odd: readonly unknown[] = [
      { Version: '2008-10-17', Statement: [statement] },
      { Version: '2012-10-17', Statement: [{ ...statement, NotAction: ['iot:Publish'] }] },
      { Version: '2012-10-17', Statement: [{ ...statement, Action: ['iot:publish'] }] },
      { Version: '2012-10-17', Statement: [{ ...statement, Resource: [`\${iot:Unheard}`] }] },
      { Version: '2012-10-17', Statement: [{ ...statement, Resource: [`\${constructor}`] }] },
      { Version: '2012-10-17', Statement: [{ ...statement, Condition: { StringLike: {} } }] },
    ];
    for (const document of odd) {
      expect(() => compilePolicies([document as PolicyDocument]), JSON.stringify(document)).toThrow(
        expect.objectContaining({ code: 'ERR_POLICY_UNSUPPORTED' }),
      );
    }
  });
});

describe('device access as data', () => {
  it('keeps to the limits of the service, and no client id stands in a policy', () => {
    for (const { policies } of THING_TYPES) {
      for (const { document } of policies) {
        const text = JSON.stringify(document);
        expect(text.length).toBeLessThan(IOT_LIMITS.policyCharacters);
        expect(text).not.toContain('iot:ClientId');
        for (const { Resource } of document.Statement) expect(Resource.join()).not.toContain('*');
      }
    }
  });

  it('a rule of the gateway says the same in SQL and here', () => {
    const route = ruleOfTopic('$aws/rules/joulekeep_telemetry/v1/dc/dc-north-1/up');
    expect(route).toEqual({ rule: TOPIC_RULES.telemetry, thing: 'dc-north-1' });
    expect(JSON.parse(ruleMessage(TOPIC_RULES.telemetry, 'dc-north-1', 17, Buffer.from([1, 2, 255])))).toEqual({
      dcId: 'north-1',
      brokerTime: 17,
      batch: 'AQL/',
    });
    expect(ruleSql(TOPIC_RULES.telemetry)).toBe(
      "SELECT replace(replace(topic(), 'v1/dc/dc-', ''), '/up', '') AS dcId, timestamp() AS brokerTime, encode(*, 'base64') AS batch FROM 'v1/dc/+/up'",
    );
    for (const topic of ['v1/dc/dc-a/up', '$aws/rules/other/v1/dc/dc-a/up', '$aws/rules/joulekeep_telemetry/v1/dc/dc-a/up/x', '']) {
      expect(ruleOfTopic(topic)).toBeUndefined();
    }
  });
});

const TEMPLATES = [
  '@',
  '$aws/rules/joulekeep_telemetry/v1/dc/@/up',
  '$aws/rules/joulekeep_handshake/v1/dc/@/up',
  '$aws/rules/joulekeep_service/v1/dc/@/up',
  'v1/dc/@/down',
  'v1/dc/@/up',
  'v1/dc/@/#',
];

/** What a concentrator may, written down a second time. */
function truth(subject: string, action: DeviceAction, kind: Kind, name: string): boolean {
  const may = subject === 'dc-a' || subject === 'dc-b';
  if (action === 'iot:Connect') return may && kind === 'client' && name === subject;
  if (action === 'iot:Publish') {
    const up = ['telemetry', 'handshake', 'service'].map((rule) => `$aws/rules/joulekeep_${rule}/v1/dc/${subject}/up`);
    return may && kind === 'topic' && up.includes(name);
  }
  if (action === 'iot:Subscribe') return may && kind === 'topicfilter' && name === `v1/dc/${subject}/down`;
  return may && action === 'iot:Receive' && kind === 'topic' && name === `v1/dc/${subject}/down`;
}

function policy(action: string, resource: string): PolicyDocument {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: [action], Resource: [resource] }] };
}

/** Every way to read the pattern. */
function slowMatch(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] === '*') return slowMatch(pattern.slice(1), text) || (text !== '' && slowMatch(pattern, text.slice(1)));
  return text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && slowMatch(pattern.slice(1), text.slice(1));
}
