import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FUNCTIONS } from '../../../topology/functions.ts';

beforeEach(() => {
  vi.resetModules();
  vi.stubEnv('JOULEKEEP_STAGE', 'dev');
  vi.stubEnv('JOULEKEEP_BUCKET', 'b');
  vi.stubEnv('JOULEKEEP_KEY_RECORD', 'trail/000000000000/eu-central-1');
  vi.stubEnv('JOULEKEEP_PORTAL_CLIENT', 'p');
  vi.stubEnv('JOULEKEEP_CONSOLE_CLIENT', 'c');
  vi.stubEnv('JOULEKEEP_IDENTITY_ISSUER', 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_pool');
  vi.stubEnv('JOULEKEEP_IDENTITY_HOSTED', 'https://sign-in.example.org');
  vi.stubEnv('AWS_REGION', 'eu-central-1');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const load = (entry: string) => import(join(import.meta.dirname, '../../..', entry)) as Promise<{ handler?: unknown }>;

it.each(FUNCTIONS)('$name starts in the environment of its principal, and asks nobody anything', async ({ entry, principal }) => {
  vi.stubEnv('JOULEKEEP_PRINCIPAL', principal);
  const { handler } = await load(entry);
  expect(handler).toBeTypeOf('function');
});

it('a function in the environment of another principal does not start', async () => {
  vi.stubEnv('JOULEKEEP_PRINCIPAL', 'billing');
  await expect(load('lambdas/ingest/aws.ts')).rejects.toMatchObject({ code: 'ERR_ENVIRONMENT' });
});
