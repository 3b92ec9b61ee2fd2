import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { intentions, readCall } from '../../tools/lanes/aws.ts';
import { accountAtHand } from '../../tools/lanes/aws-account.ts';
import { ROOT } from '../../tools/lanes/places.ts';

describe('the lane in an account', () => {
  it('takes the stage dev alone, and hands the rest on', () => {
    expect(readCall(['--stage', 'dev'])).toEqual({ yes: false, rest: [] });
    expect(readCall(['-t', 'poison', '--stage', 'dev', '--yes'])).toEqual({ yes: true, rest: ['-t', 'poison'] });
    for (const wrong of [[], ['--stage'], ['--stage', 'prod'], ['dev'], ['--yes']]) expect(readCall(wrong)).toBeUndefined();
  });

  it('says where it would work, what it makes, and what it takes back', () => {
    const said = intentions({ account: '123456789012', region: 'eu-central-1' }, ['joulekeep-dev-keys', 'joulekeep-dev-data']).join('\n');
    for (const part of ['123456789012', 'eu-central-1', 'joulekeep-dev-keys, joulekeep-dev-data', 'IoT', 'roles'])
      expect(said).toContain(part);
  });

  it('refuses without credentials, in one line', async () => {
    const bare = { PATH: process.env['PATH'], HOME: join(ROOT, 'no-such-home'), AWS_EC2_METADATA_DISABLED: 'true' };
    await expect(accountAtHand('eu-central-1', bare)).rejects.toThrow(/^no AWS credentials that AWS takes; sign in [^\n]*$/);
  });

  it('refuses an emulator', async () => {
    const emulated = { ...process.env, AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' };
    await expect(accountAtHand('eu-central-1', emulated)).rejects.toThrow(/^AWS_ENDPOINT_URL leads to an emulator; unset it/);
  });

  it('ends with 2 and the usage for a wrong call', () => {
    const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'tools/lanes/aws.ts'), '--stage', 'prod'], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([2, 'usage: npm run test:aws -- --stage dev [--yes] [argument of vitest...]\n']);
  });
});
