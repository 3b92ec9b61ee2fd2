import { describe, expect, it } from 'vitest';
import { makeKeys } from '../../lambdas/keys/handler.ts';
import { EpochVault } from '../../lambdas/shared/keys/epoch-vault.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { PRINCIPALS } from '../../topology/principals.ts';
import { failedIds, lambdaContext, sqsEvent } from '../support/sqs.ts';
import { makeScene } from './scene.ts';

describe('who may use the keys', () => {
  it('R9.1-1: only the keys function can answer a HELLO', async () => {
    for (const principal of PRINCIPALS) {
      const scene = await makeScene();
      const handler = makeKeys(scene.world.as(principal), ALL_DEFENCES);
      const body = scene.body('north-1', (await scene.meters[0]!.hello(1)).hello.bytes);
      const failed = failedIds(await handler(sqsEvent('handshake', [body]), lambdaContext('keys')));
      const answers = scene.allDown().length;
      expect([principal, failed.length, answers]).toEqual([principal, principal === 'keys' ? 0 : 1, principal === 'keys' ? 1 : 0]);
    }
  });

  it('R9.1-1: only the keys function and ingest open an epoch secret', async () => {
    const scene = await makeScene();
    const { meterId } = scene.meters[0]!;
    await scene.handshake('north-1', (await scene.meters[0]!.hello(1)).hello.bytes);
    const opened: string[] = [];
    for (const principal of PRINCIPALS) {
      const secret = await new EpochVault(scene.world.as(principal)).secret(meterId, 1).catch(() => undefined);
      if (secret !== undefined) opened.push(principal);
    }
    expect(opened).toEqual(['ingest', 'keys']);
  });
});
