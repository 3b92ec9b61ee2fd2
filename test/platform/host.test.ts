import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SQSEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EmbeddedHost, type HostHandlers, type HostOptions } from '../../platform/embedded/host/host.ts';
import { failedReceipts } from '../../platform/embedded/host/sqs-event.ts';
import { EmbeddedQueues } from '../../platform/embedded/queues.ts';
import type { QueueSpec } from '../../topology/queues.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { SILENT } from './gateway-fixture.ts';

const SPEC: QueueSpec = {
  name: 'work',
  deadLetter: 'work-dlq',
  maxReceiveCount: 3,
  visibilitySeconds: 60,
  batchSize: 10,
  concurrency: 2,
  retentionDays: 4,
};
const SPECS = [SPEC, { ...SPEC, name: 'more', deadLetter: 'more-dlq' }];

let directory: string;
let queues: EmbeddedQueues;
let clock: ManualClock;
let host: EmbeddedHost;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'joulekeep-host-'));
  queues = new EmbeddedQueues(join(directory, 'queues.db'), SPECS);
  clock = new ManualClock(Date.UTC(2026, 0, 15, 10, 20));
});

afterEach(async () => {
  await host.stop();
  queues.close();
  rmSync(directory, { recursive: true });
});

async function start(handlers: HostHandlers, options: Partial<HostOptions> = {}): Promise<void> {
  host = new EmbeddedHost({ queues, clock, log: SILENT, specs: SPECS, retryMs: 0, timer: false, ...options });
  await host.start(handlers);
}

const send = async (...bodies: string[]) => void (await Promise.all(bodies.map((body) => queues.send('work', body))));
const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index));
const bodiesOf = (event: SQSEvent) => event.Records.map(({ body }) => body);
const noFailure = { batchItemFailures: [] };

async function deadLetters(): Promise<string[]> {
  return (await queues.receive('work-dlq', 10)).map(({ body }) => body);
}

describe('the host', () => {
  it('hands over what Lambda would: event, context, batches of at most ten', async () => {
    await send(...numbers(25));
    const events: SQSEvent[] = [];
    const remaining: number[] = [];
    const handler: HostHandlers['queues'][string] = async (event, context) => {
      events.push(event);
      remaining.push(context.getRemainingTimeInMillis());
      expect(context).toMatchObject({
        functionName: 'work',
        functionVersion: '$LATEST',
        awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
      return noFailure;
    };
    await start({ queues: { work: handler } });
    await host.drain();
    expect(events.flatMap(bodiesOf).sort()).toEqual(numbers(25).sort());
    expect(Math.max(...events.map(({ Records }) => Records.length))).toBe(10);
    for (const left of remaining) expect(left > 0 && left <= 10_000).toBe(true);
    expect(events[0]!.Records[0]).toEqual({
      messageId: expect.stringMatching(/./),
      receiptHandle: expect.stringMatching(/./),
      body: '0',
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
        SenderId: expect.stringMatching(/./),
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
      },
      messageAttributes: {},
      md5OfBody: 'cfcd208495d565ef66e7dff9f98764da',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:embedded:000000000000:work',
      awsRegion: 'embedded',
    });
  });

  it('runs no more handlers of a queue at a time than the topology says', async () => {
    let running = 0;
    let most = 0;
    const release = Promise.withResolvers<void>();
    const handler = async () => {
      most = Math.max(most, ++running);
      await release.promise;
      running--;
      return noFailure;
    };
    await send(...numbers(50));
    await start({ queues: { work: handler } });
    await vi.waitFor(() => expect(running).toBe(2));
    await new Promise((resolve) => setTimeout(resolve, 30));
    release.resolve();
    await host.drain();
    expect(most).toBe(2);
  });

  it('brings back only the messages a handler names, until they are handled', async () => {
    const seen = new Map<string, number>();
    await send(...numbers(10));
    await start({
      queues: {
        work: async (event) => {
          for (const { body } of event.Records) seen.set(body, (seen.get(body) ?? 0) + 1);
          const failing = event.Records.filter(({ body, attributes }) => body === '7' && attributes.ApproximateReceiveCount !== '3');
          return { batchItemFailures: failing.map(({ messageId }) => ({ itemIdentifier: messageId })) };
        },
      },
    });
    await host.drain();
    expect([...seen].sort()).toEqual(numbers(10).map((body) => [body, body === '7' ? 3 : 1]));
    expect(await deadLetters()).toEqual([]);
  });

  it('a handler that throws failed for its whole batch, which stays hidden until its visibility ends', async () => {
    const attempts: string[] = [];
    await send('a', 'b', 'c');
    host = new EmbeddedHost({ queues, clock, log: SILENT, specs: SPECS, timer: false });
    const handler = async (event: SQSEvent) => {
      attempts.push(...event.Records.map(({ body, attributes }) => `${body} ${attributes.ApproximateReceiveCount}`));
      if (attempts.length === 3) throw new Error('crash');
      return noFailure;
    };
    await host.start({ queues: { work: handler } });
    await vi.waitFor(() => expect(attempts).toHaveLength(3));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await queues.depth('work')).toEqual({ visible: 0, inFlight: 3 });
    await queues.releaseInFlight();
    await host.drain();
    expect(attempts).toEqual(['a 1', 'b 1', 'c 1', 'a 2', 'b 2', 'c 2']);
  });

  it('a poison message ends in the dead letters after its last try, and drain does not wait for it', async () => {
    let tries = 0;
    await send(...numbers(9), 'poison');
    await start({
      queues: {
        work: async (event) => {
          const poison = event.Records.filter(({ body }) => body === 'poison');
          tries += poison.length;
          return { batchItemFailures: poison.map(({ messageId }) => ({ itemIdentifier: messageId })) };
        },
      },
    });
    await host.drain();
    expect(tries).toBe(3);
    expect(await deadLetters()).toEqual(['poison']);
  });

  it('a handler that does nothing but crash loses no message: all are among the dead letters', async () => {
    await send(...numbers(10));
    const crash = () => {
      throw new Error('crash');
    };
    await start({ queues: { work: crash } });
    await host.drain();
    expect((await deadLetters()).sort()).toEqual(numbers(10).sort());
  });

  it('a handler that takes too long failed, and the next try may succeed', async () => {
    const specs = [{ ...SPEC, visibilitySeconds: 0.3 }];
    let tries = 0;
    await send('slow');
    await start({ queues: { work: async () => (++tries === 1 ? await new Promise<never>(() => {}) : noFailure) } }, { specs });
    await host.drain();
    expect(tries).toBe(2);
    expect(await deadLetters()).toEqual([]);
  });

  it('drain waits for work that work makes', async () => {
    const done: string[] = [];
    await send('1', '2');
    await start({
      queues: {
        work: async (event) => {
          for (const body of bodiesOf(event)) await queues.send('more', `${body} more`);
          return noFailure;
        },
        more: async (event) => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          done.push(...bodiesOf(event));
          return noFailure;
        },
      },
    });
    await host.drain();
    expect(done.sort()).toEqual(['1 more', '2 more']);
  });

  it('stop lets the running handler end, and what was not handled is handled by the next host', async () => {
    const release = Promise.withResolvers<void>();
    const first: string[] = [];
    await send(...numbers(30));
    await start({
      queues: {
        work: async (event) => {
          await release.promise;
          first.push(...bodiesOf(event));
          return noFailure;
        },
      },
    });
    await vi.waitFor(async () => expect((await queues.depth('work')).inFlight).toBe(20));
    const stopped = host.stop();
    release.resolve();
    await stopped;
    expect(first).toHaveLength(20);

    await queues.receive('work', 3);
    const second: string[] = [];
    await start({
      queues: {
        work: async (event) => {
          second.push(...bodiesOf(event));
          return noFailure;
        },
      },
    });
    await host.drain();
    expect([...first, ...second].sort()).toEqual(numbers(30).sort());
  });

  it('knows no handler for a queue that is not there', async () => {
    await expect(start({ queues: { nowhere: async () => noFailure } })).rejects.toMatchObject({ code: 'ERR_HANDLER_WITHOUT_QUEUE' });
  });

  it('a response means what it means to the event source mapping', () => {
    const messages = numbers(3).map((id) => ({ messageId: id, receipt: `r${id}`, body: '', receiveCount: 1, sentAt: 0 }));
    const failed = (...ids: unknown[]) => [
      ...failedReceipts(messages, { batchItemFailures: ids.map((id) => ({ itemIdentifier: id as string })) }),
    ];
    expect([...failedReceipts(messages, undefined)]).toEqual([]);
    expect(failed()).toEqual([]);
    expect(failed('1')).toEqual(['r1']);
    expect(failed('1', '1')).toEqual(['r1']);
    for (const id of ['', null, undefined, 'not of this batch']) expect(failed('1', id)).toEqual(['r0', 'r1', 'r2']);
  });
});
