import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { JoulekeepError } from '../../events/index.ts';
import { allowListed } from '../../lambdas/middleware/allow-listed.ts';
import { makeCounters } from '../../lambdas/middleware/counters.ts';
import { eachRecord } from '../../lambdas/middleware/each-record.ts';
import { handlerLog } from '../../lambdas/middleware/handler-log.ts';
import { observed } from '../../lambdas/middleware/observed.ts';
import { ProtocolRefusal } from '../../protocol/refusal.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { failedIds, lambdaContext, sqsEvent } from '../support/sqs.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('what every handler does', () => {
  it('gives back only the records that failed, and logs their code, not what they said', async () => {
    const world = new MemoryWorld();
    const counters = makeCounters('test');
    const platform = world.as('keys');
    const handler = middy<SQSEvent, SQSBatchResponse>()
      .use(observed('test', platform, counters))
      .handler((event, context) =>
        eachRecord(event, context, platform.log, async ({ body }) => {
          if (body === 'bad') throw new JoulekeepError('ERR_SOMETHING', 'meter 00124b0000000001 said so');
          if (body === 'worse') throw new TypeError('secret text');
          if (body === 'foreign') throw Object.assign(new Error('secret text'), { code: 'ERR_OF_NOBODY' });
          if (body === 'refused') throw new ProtocolRefusal('ERR_LOG_REFUSED', 'root');
        }),
      );
    const response = await handler(sqsEvent('q', ['good', 'bad', 'worse', 'foreign', 'refused']), lambdaContext('test'));
    expect(failedIds(response)).toEqual(['message-1', 'message-2', 'message-3', 'message-4']);
    const logged = JSON.stringify(world.logged);
    const codes = world.logged.flatMap(({ level, fields }) => (level === 'error' ? [fields?.['code']] : []));
    expect(codes).toEqual(['ERR_SOMETHING', 'ERR_UNEXPECTED', 'ERR_UNEXPECTED', 'ERR_LOG_REFUSED']);
    expect(logged).not.toMatch(/00124b0000000001|secret text|OF_NOBODY|"root"/);
  });

  it('runs concurrent invocations apart', async () => {
    const { log } = new MemoryWorld().as('keys');
    const run = (bodies: string[]) =>
      eachRecord(sqsEvent('q', bodies), lambdaContext('test'), log, async ({ body }) => {
        await new Promise((resolve) => setImmediate(resolve));
        if (body === 'bad') throw new Error('bad');
      });
    const responses = await Promise.all([run(['good', 'good']), run(['bad', 'good']), run(['good', 'bad'])]);
    expect(responses.map(failedIds)).toEqual([[], ['message-0'], ['message-1']]);
  });

  it('R9.1-1: logs the fields on its list and no others', () => {
    const world = new MemoryWorld();
    const fields = { code: 'ERR_X', count: 3, reading: 1234, meterId: '00124b0000000001', key: Buffer.alloc(32) };
    allowListed(world.as('keys').log).warn('something', fields);
    expect(world.logged).toEqual([{ level: 'warn', message: 'something', fields: { code: 'ERR_X', count: 3 } }]);
  });

  it('R9.1-1: in Lambda a line is JSON with the fields on the list and no others', () => {
    const world = new MemoryWorld();
    const lines: string[] = [];
    const write = vi.spyOn(process.stderr, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'keys');
    const fields = { code: 'ERR_X', meterId: '00124b0000000001' };
    handlerLog('keys', world.as('keys')).error('something', fields);
    write.mockRestore();
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'ERROR', service: 'keys', message: 'something', code: 'ERR_X' });
    expect([lines.length, lines[0]!.includes('00124b'), world.logged]).toEqual([1, false, []]);
    vi.unstubAllEnvs();
    handlerLog('keys', world.as('keys')).info('elsewhere');
    expect(world.logged).toHaveLength(1);
  });

  it('writes its counts as one metric line in Lambda, and nothing elsewhere', () => {
    const lines: string[] = [];
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
      lines.push(String(line));
      return true;
    });
    const quiet = makeCounters('test');
    quiet.add('Accepted');
    expect(quiet.totals()).toEqual(new Map([['Accepted', 1]]));
    quiet.publish();
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'keys');
    const counters = makeCounters('test');
    counters.add('Accepted', 2);
    counters.add('Accepted');
    counters.publish();
    counters.publish();
    write.mockRestore();
    expect(lines.filter((line) => line.includes('"Accepted":3'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('Accepted'))).toHaveLength(1);
  });
});
