import { describe, expect, it } from 'vitest';
import { ASSUMED } from '../../bench/cost/assumptions.ts';
import { JoulekeepError } from '../../events/errors.ts';
import { readStage } from '../../lib/stages.ts';
import { OPERATOR_LINK } from './app.ts';

const LINK = JSON.stringify(OPERATOR_LINK);
const read = (context: Readonly<Record<string, unknown>>) =>
  readStage((key) => ({ stages: { dev: { region: 'eu-central-1' }, prod: { region: 'eu-west-1' } }, ...context })[key]);

function refusal(context: Readonly<Record<string, unknown>>): string {
  try {
    read(context);
  } catch (error) {
    expect(error).toBeInstanceOf(JoulekeepError);
    expect((error as JoulekeepError).code).toBe('ERR_STAGE_INVALID');
    return (error as JoulekeepError).message;
  }
  throw new Error('was taken');
}

describe('a stage', () => {
  it('is dev unless another is named, and keeps nothing', () => {
    expect(read({})).toEqual({ name: 'dev', region: 'eu-central-1', retains: false, logDays: 7, tracing: 'requests' });
  });

  it('begins traces of requests alone, as the page of costs assumes', () => {
    const stages = [read({}), read({ stage: 'prod', operatorLink: LINK })];
    expect(stages.map(({ tracing }) => tracing)).toEqual([ASSUMED.tracing, ASSUMED.tracing]);
  });

  it('prod keeps what is recorded, and its logs for more than a year', () => {
    const link = { operatorLink: OPERATOR_LINK };
    expect(read({ stage: 'prod', operatorLink: LINK })).toEqual({
      name: 'prod',
      region: 'eu-west-1',
      retains: true,
      logDays: 400,
      tracing: 'requests',
      ...link,
    });
  });

  it('the command line overrides what cdk.json says', () => {
    const context = {
      stages: { dev: { region: 'eu-central-1', logDays: 7 } },
      logDays: '30',
      account: '012345678901',
      retains: 'true',
      tracing: 'everything',
    };
    expect(read(context)).toMatchObject({ logDays: 30, account: '012345678901', retains: true, tracing: 'everything' });
  });

  it('R9.4-3, C10.4-1: prod without a private way for the operator does not exist', () => {
    const message = refusal({ stage: 'prod' });
    expect(message).toMatch(/^stage: operatorLink: prod has none/);
    expect(message).toContain('stages.prod.operatorLink in cdk.json or -c operatorLink=');
  });

  it.each([
    [{ stage: 'staging' }, /stage: stage: "staging" is none; give -c stage=dev or -c stage=prod/],
    [{ region: 'Frankfurt' }, /stage: region: .+ as stages\.dev\.region in cdk\.json or -c region=…/],
    [{ stages: {} }, /stage: region: .+; give an AWS region/],
    [{ logDays: '14' }, /stage: logDays: .+; give 7, 30, 90 or 400/],
    [{ account: '123' }, /stage: account: .+; give the 12 digits/],
    [
      { tracing: 'all' },
      /stage: tracing: .+; give requests, or everything while something is searched as stages\.dev\.tracing in cdk\.json or -c tracing=…/,
    ],
    [{ alarmEmail: 'nobody' }, /stage: alarmEmail: .+; give one e-mail address/],
    [{ domain: 'https://example.org' }, /stage: domain: .+; give a domain of yours/],
    [{ operatorLink: '{"vpcId":"vpc-1","cidrs":["10.0.0.0/8"]}' }, /stage: operatorLink\.vpcId: .+; give \{"vpcId"/],
    [{ operatorLink: '{"vpcId":"vpc-0123456789abcdef0","cidrs":["0.0.0.0/0"]}' }, /stage: operatorLink\.cidrs\.0: .+; give \{"vpcId"/],
    [{ operatorLink: '{"vpcId":"vpc-0123456789abcdef0","cidrs":["10.0.0.0"]}' }, /stage: operatorLink\.cidrs\.0: .+; give \{"vpcId"/],
    [{ operatorLink: '{"vpcId":' }, /stage: operatorLink: .+; give \{"vpcId"/],
    [{ stages: { dev: { region: 'eu-central-1', regoin: 'eu-west-1' } } }, /stage: stages\.dev: .*regoin.*; remove it; settings: region,/],
    [{ stages: { dev: 'eu-central-1' } }, /stage: stages\.dev: .+; give an object of settings|region/],
  ])('says what is wrong, where, and what to do: %j', (context, message) => {
    expect(refusal(context)).toMatch(message);
  });

  it('a name that every object has is no stage', () => {
    expect(refusal({ stage: 'constructor' })).toMatch(/"constructor" is none/);
  });
});
