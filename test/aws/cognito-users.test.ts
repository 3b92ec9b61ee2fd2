import { describe, expect, it } from 'vitest';
import { CognitoUsers } from '../../platform/aws/cognito-users.ts';

interface Asked {
  readonly url: string;
  readonly target: string;
  readonly body: unknown;
  readonly authorization: string;
}

/** A pool that answers what a test says, by operation. */
function pool(answers: Readonly<Record<string, readonly [number, unknown]>>) {
  const asked: Asked[] = [];
  const answer = async (url: URL | string, { headers, body }: RequestInit = {}) => {
    const given = headers as Record<string, string>;
    const target = given['x-amz-target']!.split('.')[1]!;
    asked.push({ url: String(url), target, body: JSON.parse(String(body)), authorization: given['authorization']! });
    const [status, told] = answers[target]!;
    return new Response(JSON.stringify(told), { status });
  };
  const users = new CognitoUsers({
    ...{ region: 'eu-central-1', poolId: 'eu-central-1_aBc', now: () => Date.UTC(2026, 4, 1), fetch: answer as typeof fetch },
    credentials: () => ({ accessKeyId: 'AKIA', secretAccessKey: 'secret', sessionToken: 'token' }),
  });
  return { users, asked };
}

const CUSTOMER = { person: 'account-1', role: 'customer', login: 'b3a1' } as const;
const OLGA = { person: 'olga', role: 'operator', login: 'olga' } as const;
const enabled = (account: string) => [200, { Enabled: true, UserAttributes: [{ Name: 'custom:account', Value: account }] }] as const;

describe('users of a pool', () => {
  it('C10.2-2: are who they were while they are enabled and the account, or the group, is theirs', async () => {
    const { users, asked } = pool({
      AdminGetUser: enabled('account-1'),
      AdminListGroupsForUser: [200, { Groups: [{ GroupName: 'operator' }] }],
    });
    expect(await users.isActive(CUSTOMER)).toBe(true);
    expect(await users.isActive({ ...CUSTOMER, person: 'account-2' })).toBe(false);
    expect(await users.isActive(OLGA)).toBe(true);
    expect(await users.isActive({ ...OLGA, role: 'supervisor' })).toBe(false);
    expect(asked[0]).toMatchObject({
      ...{ url: 'https://cognito-idp.eu-central-1.amazonaws.com/', target: 'AdminGetUser' },
      body: { UserPoolId: 'eu-central-1_aBc', Username: 'b3a1' },
    });
    expect(asked[0]!.authorization).toContain('Credential=AKIA/20260501/eu-central-1/cognito-idp/aws4_request');
  });

  it('C10.2-2: are nobody when they are disabled or gone', async () => {
    expect(await pool({ AdminGetUser: [200, { Enabled: false }] }).users.isActive(OLGA)).toBe(false);
    expect(await pool({ AdminGetUser: [400, { __type: 'UserNotFoundException' }] }).users.isActive(OLGA)).toBe(false);
  });

  it('is not guessed at when the service refuses: neither yes nor no', async () => {
    const busy = pool({ AdminGetUser: [400, { __type: 'TooManyRequestsException' }] });
    await expect(busy.users.isActive(OLGA)).rejects.toThrow('TooManyRequestsException');
  });
});
