import { describe, expect, it } from 'vitest';
import { Account } from '../aws/account.ts';
import { Roles } from '../aws/roles.ts';

const STAGE = 'dev';

describe('whoever runs the suite in an account', () => {
  it('takes on the role of a function for the run, which afterwards trusts functions alone again', async () => {
    const account = new Account('eu-central-1', process.env['JOULEKEEP_AWS_ENDPOINT']);
    const before = await account.trustOf(STAGE, 'billing');
    expect(JSON.parse(before).Statement).toMatchObject([{ Principal: { Service: 'lambda.amazonaws.com' } }]);
    const roles = new Roles(account, STAGE);
    const session = await roles.credentials('billing');
    expect(await roles.credentials('billing')).toBe(session);
    expect(session.expiration.getTime()).toBeGreaterThan(Date.now());
    expect(JSON.parse(await account.trustOf(STAGE, 'billing')).Statement).toHaveLength(2);
    await roles.close();
    expect(await account.trustOf(STAGE, 'billing')).toBe(before);
  });

  it('is told when a function fails', async () => {
    const account = new Account('eu-central-1', process.env['JOULEKEEP_AWS_ENDPOINT']);
    await account.invoke(STAGE, 'maintenance');
    await expect(account.invoke(STAGE, 'no-such-function')).rejects.toThrow(/404/);
  });
});
