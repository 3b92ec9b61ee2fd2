import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EmbeddedQueues } from '../../platform/embedded/queues.ts';
import { FAILED_POSITIONS, QUEUES } from '../../topology/queues.ts';
import { queuesContract } from '../contract/queues.ts';
import { CONTRACT_QUEUES } from '../contract/support/queue-specs.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';

const CONSUMER = join(import.meta.dirname, '../contract/support/crash-consumer.ts');

queuesContract('embedded', async () => {
  const directory = temporaryDirectory();
  const queues = new EmbeddedQueues(join(directory, 'queues.db'), CONTRACT_QUEUES);
  return {
    queues,
    close: async () => {
      queues.close();
      discard(directory);
    },
  };
});

describe('the embedded queues', () => {
  it('messages, receipts and deletions survive the end of a process by SIGKILL', async () => {
    const directory = temporaryDirectory();
    const path = join(directory, 'queues.db');
    const child = execFile(process.execPath, [CONSUMER, path]);
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');

    const queues = new EmbeddedQueues(path, CONTRACT_QUEUES);
    expect(await queues.depth('work')).toEqual({ visible: 1, inFlight: 1 });
    expect(await queues.releaseInFlight()).toBe(1);
    const received = await queues.receive('work', 10, 0);
    expect(received.map(({ body, receiveCount }) => [body, receiveCount])).toEqual([
      ['untouched', 1],
      ['received', 2],
    ]);
    queues.close();
    discard(directory);
  });

  it('every queue of the topology has dead letters of its own', () => {
    const names = QUEUES.flatMap(({ name, deadLetter }) => [name, deadLetter]);
    expect(new Set(names).size).toBe(names.length);
    const audiences = ['billing-feed', 'third-party-feed', 'billing-system', 'operator', 'third-party', 'customer'];
    expect(QUEUES.map(({ name }) => name)).toEqual(['telemetry', 'handshake', 'service', 'billing', ...audiences, FAILED_POSITIONS]);
  });
});
