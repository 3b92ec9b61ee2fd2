import { describe, expect, it } from 'vitest';
import { signedHeaders } from '../../../platform/aws/signed-request.ts';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };

describe('a request signed for AWS', () => {
  it('has the signature that AWS gives for its own example', () => {
    const url = new URL('https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08');
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    const signing = { service: 'iam', region: 'us-east-1', credentials, at: new Date('2015-08-30T12:36:00Z') };
    const { authorization } = signedHeaders({ method: 'GET', url, headers, body: '' }, signing);
    expect(authorization).toMatch(
      /SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7$/,
    );
  });

  it('is signed with its body and with the token of a session', () => {
    const url = new URL('https://sts.eu-central-1.amazonaws.com/');
    const signing = { service: 'sts', region: 'eu-central-1', credentials, at: new Date(0) };
    const of = (body: string, sessionToken?: string) =>
      signedHeaders({ method: 'POST', url, headers: {}, body }, { ...signing, credentials: { ...credentials, sessionToken } });
    expect(of('a')['authorization']).not.toBe(of('b')['authorization']);
    expect(of('a', 'token')).toMatchObject({
      'x-amz-security-token': 'token',
      authorization: expect.stringContaining('x-amz-security-token'),
    });
  });
});
