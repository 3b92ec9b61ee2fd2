import { describe, expect, it } from 'vitest';
import { iotPolicyFaults } from '../../lib/guardrails/iot-policies.ts';
import { OPERATOR_LINK, synthesize } from './app.ts';

const SAID = '$' + '{iot:ClientId}';
const OWN = '$' + '{iot:Connection.Thing.ThingName}';
const ARN = 'arn:aws:iot:eu-central-1:111122223333:';
const ATTACHED = { Bool: { 'iot:Connection.Thing.IsAttached': ['true'] } };

const DENIAL = { Effect: 'Deny', Action: ['iot:*'], Resource: ['*'] };

function faultsOf(...Statement: object[]): readonly string[] {
  const policy = { Type: 'AWS::IoT::Policy', Properties: { PolicyDocument: { Version: '2012-10-17', Statement } } };
  return iotPolicyFaults({ Resources: { Planted: policy } });
}
const allow = (Action: string, resource: string, more: object = {}) => ({
  Effect: 'Allow',
  Action: [Action],
  Resource: [`${ARN}${resource}`],
  ...more,
});

describe('device policies as they are deployed', () => {
  it('C10.1-1: have no fault, in whatever stack they are', () => {
    const whole = synthesize({ stage: 'prod', operatorLink: OPERATOR_LINK, domain: 'example.org' });
    const holding = [...whole.stacks.keys()].filter((name) => Object.keys(whole.resources(name, 'AWS::IoT::Policy')).length > 0);
    expect(holding).toEqual(['gateway', 'fleet']);
    for (const name of whole.stacks.keys()) expect([name, iotPolicyFaults(whole.template(name).toJSON())]).toEqual([name, []]);
  });
});

describe('the guard of device policies', () => {
  it('lets a device speak as itself, on its own topics', () => {
    expect(
      faultsOf(
        allow('iot:Connect', `client/${OWN}`, { Condition: ATTACHED }),
        allow('iot:Publish', `topic/v1/dc/${OWN}/up`),
        allow('iot:Subscribe', `topicfilter/v1/dc/${OWN}/+`),
      ),
    ).toEqual([]);
  });

  it.each([
    ['the client id in a topic filter', allow('iot:Subscribe', `topicfilter/v1/dc/${SAID}/down`), /trusts the client id/],
    ['the client id in a topic', allow('iot:Publish', `topic/v1/${SAID}/${OWN}`), /trusts the client id/],
    ['# in a filter', allow('iot:Subscribe', `topicfilter/v1/dc/${OWN}/#`), /all levels/],
    ['a star in a topic', allow('iot:Publish', `topic/v1/dc/${OWN}/*`), /wildcard over levels/],
    ['a star in a name', allow('iot:Publish', `topic/v1/dc/${OWN}*/up`), /wildcard over levels/],
    ['two levels of wildcards', allow('iot:Subscribe', `topicfilter/v1/+/${OWN}/+`), /more than one wildcard/],
    ['a topic of everybody', allow('iot:Publish', 'topic/v1/dc/up'), /everybody's/],
    ['everything', { Effect: 'Allow', Action: ['iot:Publish'], Resource: ['*'] }, /no client, topic or topic filter/],
    ['every action', allow('iot:*', `topic/v1/dc/${OWN}/up`), /action iot:\*/],
    ['Connect as anybody', allow('iot:Connect', 'client/*', { Condition: ATTACHED }), /Connect as \*/],
    ['Connect as a prefix', allow('iot:Connect', `client/${OWN}-2`, { Condition: ATTACHED }), /Connect as/],
    ['Connect with a stray certificate', allow('iot:Connect', `client/${OWN}`), /not attached/],
    [
      'Connect when not attached',
      allow('iot:Connect', `client/${OWN}`, { Condition: { Bool: { 'iot:Connection.Thing.IsAttached': ['true', 'false'] } } }),
      /not attached/,
    ],
    [
      'every action but one',
      { Effect: 'Allow', NotAction: ['iot:Publish'], Resource: [`${ARN}topic/v1/dc/${OWN}/up`] },
      /every action but/,
    ],
    ['every resource but one', { Effect: 'Allow', Action: ['iot:Publish'], NotResource: [`${ARN}topic/v1/${OWN}`] }, /every resource but/],
    ['connect in small letters as another', allow('iot:connect', `client/x-${OWN}`, { Condition: ATTACHED }), /Connect as x-/],
    ['connect in small letters, not attached', allow('iot:connect', `client/${OWN}`), /not attached/],
    ['an action that only CloudFormation knows', { Effect: 'Allow', Action: { Ref: 'X' }, Resource: `${ARN}topic/${OWN}` }, /action /],
    ['a Deny with a condition', { ...DENIAL, Condition: { Bool: { 'aws:SecureTransport': 'false' } } }, /less than everything/],
    ['a Deny of all actions but one', { Effect: 'Deny', NotAction: ['iot:Connect'], Resource: ['*'] }, /less than everything/],
    [
      'a Deny on all resources but one',
      { Effect: 'Deny', Action: ['iot:*'], NotResource: [`${ARN}client/${OWN}`] },
      /less than everything/,
    ],
    ['a Deny of little', { Effect: 'Deny', Action: ['iot:Publish'], Resource: ['*'] }, /less than everything/],
  ])('C10.1-1: finds %s', (_, statement, fault) => {
    expect(faultsOf(statement)).toEqual(expect.arrayContaining([expect.stringMatching(fault)]));
  });

  it('lets a quarantine deny everything', () => {
    expect(faultsOf(DENIAL)).toEqual([]);
  });

  it('reads what only CloudFormation fills in', () => {
    const Resource = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iot:eu:1:topic/v1/dc/${OWN}/#`]] };
    expect(faultsOf({ Effect: 'Allow', Action: 'iot:Publish', Resource })).toEqual([expect.stringContaining('all levels')]);
  });
});
