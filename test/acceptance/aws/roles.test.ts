import { describe, expect, it } from 'vitest';
import { trusting } from './roles.ts';

const BEFORE = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

describe('the trust of a role for the length of a run', () => {
  it('keeps whom it trusted, and adds one caller until then', () => {
    const { Version, Statement } = JSON.parse(trusting(BEFORE, '123456789012', 'AROAEXAMPLE:me', new Date(0)));
    expect(Version).toBe('2012-10-17');
    expect(Statement).toHaveLength(2);
    expect(Statement[0]).toEqual(JSON.parse(BEFORE).Statement[0]);
    expect(Statement[1]).toMatchObject({
      Principal: { AWS: 'arn:aws:iam::123456789012:root' },
      Condition: { StringEquals: { 'aws:userid': 'AROAEXAMPLE:me' }, DateLessThan: { 'aws:CurrentTime': '1970-01-01T00:00:00.000Z' } },
    });
  });
});
