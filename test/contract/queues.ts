import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EmbeddedQueues } from '../../platform/embedded/queues.ts';

/** What a host needs of queues: the port, and the consumer's side. */
export type QueueService = Pick<
  EmbeddedQueues,
  'send' | 'receive' | 'delete' | 'changeVisibility' | 'depth' | 'redrive' | 'onArrival' | 'waitForMessage'
>;

export interface QueuesUnderTest {
  readonly queues: QueueService;
  close(): Promise<void>;
}

/** What an implementation is known to do otherwise. */
export interface QueueDeviations {
  /** Only its own host is woken; elsewhere the service invokes the function. */
  readonly wakes?: 'nobody';
  /** A receipt from before the message was received again deletes it all the same. */
  readonly receipts?: 'never void';
  /** Only what is hidden can be hidden longer. */
  readonly visibility?: 'of what is in flight';
  /** A dead letter that was sent back brings its count along. */
  readonly redriven?: 'counted on';
}

const LONG = 60_000;

/** What every implementation must do. */
export function queuesContract(name: string, open: () => Promise<QueuesUnderTest>, deviations: QueueDeviations = {}): void {
  describe(`queues contract: ${name}`, () => {
    let under: QueuesUnderTest;
    let queues: QueueService;

    beforeEach(async () => {
      under = await open();
      queues = under.queues;
    });
    afterEach(() => under.close());

    const bodies = async (queue: string, visibilityMs = LONG) => (await queues.receive(queue, 10, visibilityMs)).map(({ body }) => body);

    it('what is sent is received once while it is hidden, in order', async () => {
      for (const body of ['one', 'two', 'drei — ü']) await queues.send('work', body);
      await queues.send('play', 'elsewhere');
      expect(await bodies('work')).toEqual(['one', 'two', 'drei — ü']);
      expect(await bodies('work')).toEqual([]);
      expect(await bodies('play')).toEqual(['elsewhere']);
    });

    it('receives at most so many as asked for', async () => {
      await Promise.all(Array.from({ length: 25 }, (_, index) => queues.send('work', `${index}`)));
      expect((await queues.receive('work', 3, LONG)).length).toBe(3);
      expect((await queues.receive('work', 10, LONG)).length).toBe(10);
      expect(await queues.depth('work')).toEqual({ visible: 12, inFlight: 13 });
    });

    it('what is not deleted in time comes back, counted', async () => {
      await queues.send('work', 'again');
      const [first] = await queues.receive('work', 1, 0);
      const [second] = await queues.receive('work', 1, LONG);
      expect([first!.receiveCount, second!.receiveCount]).toEqual([1, 2]);
      expect(second!.messageId).toBe(first!.messageId);
      expect(second!.sentAt).toBe(first!.sentAt);
    });

    it('what is deleted is gone', async () => {
      await queues.send('work', 'a');
      const [held] = await queues.receive('work', 1, LONG);
      expect(await queues.depth('work')).toEqual({ visible: 0, inFlight: 1 });
      await queues.delete([held!.receipt]);
      expect(await queues.depth('work')).toEqual({ visible: 0, inFlight: 0 });
    });

    if (deviations.receipts === undefined)
      it('a void receipt deletes nothing', async () => {
        await queues.send('work', 'a');
        const [slow] = await queues.receive('work', 1, 0);
        const [fast] = await queues.receive('work', 1, 0);
        await queues.delete([slow!.receipt]);
        expect(await queues.depth('work')).toEqual({ visible: 1, inFlight: 0 });
        await queues.delete([fast!.receipt]);
        expect(await queues.depth('work')).toEqual({ visible: 0, inFlight: 0 });
        await queues.delete([fast!.receipt]);
      });

    it('what is hidden can be shown at once', async () => {
      await queues.send('play', 'a');
      const [held] = await queues.receive('play', 1, LONG);
      await queues.changeVisibility(held!.receipt, 0);
      expect(await bodies('play')).toEqual(['a']);
    });

    if (deviations.visibility === undefined)
      it('what shows again can be hidden', async () => {
        await queues.send('play', 'a');
        const [again] = await queues.receive('play', 1, 0);
        await queues.changeVisibility(again!.receipt, LONG);
        expect(await bodies('play')).toEqual([]);
      });

    it('after too many receipts a message is a dead letter, alone', async () => {
      await queues.send('work', 'poison');
      await queues.receive('work', 1, 0);
      await queues.send('work', 'fine');
      expect((await queues.receive('work', 10, 0)).length).toBe(2);
      expect(await bodies('work')).toEqual(['fine']);
      expect(await bodies('work-dlq', 0)).toEqual(['poison']);
      expect(await queues.depth('work-dlq')).toEqual({ visible: 1, inFlight: 0 });
      expect(await bodies('work-dlq', 0)).toEqual(['poison']);
      expect(await bodies('work-dlq', 0)).toEqual(['poison']);
    });

    it('redriven dead letters start afresh in their queue', async () => {
      await queues.send('work', 'poison');
      for (let receipt = 0; receipt < 3; receipt++) await queues.receive('work', 1, 0);
      expect(await queues.redrive('work-dlq')).toBe(1);
      const [back] = await queues.receive('work', 1, LONG);
      expect(back!.body).toBe('poison');
      if (deviations.redriven === undefined) expect(back!.receiveCount).toBe(1);
      expect(await queues.depth('work-dlq')).toEqual({ visible: 0, inFlight: 0 });
    });

    if (deviations.wakes === undefined)
      it('a waiter is woken by a message of its queue, or by one that shows again, or at the end of its patience', async () => {
        const woken = queues.waitForMessage('work', LONG);
        await queues.send('work', 'a');
        await woken;
        await queues.receive('work', 1, 20);
        await queues.waitForMessage('work', LONG);
        expect(await bodies('work')).toEqual(['a']);
        await queues.waitForMessage('play', 5);
        expect(await bodies('play')).toEqual([]);
      });

    if (deviations.wakes === undefined)
      it('listeners hear of arrivals until they leave', async () => {
        const heard: string[] = [];
        const leave = queues.onArrival((queue) => heard.push(queue));
        await queues.send('work', 'a');
        leave();
        await queues.send('play', 'b');
        expect(heard).toEqual(['work']);
      });

    it('an unknown queue and a body over 256 KiB are refused', async () => {
      await expect(queues.send('none', 'a')).rejects.toMatchObject({ code: 'ERR_QUEUE_UNKNOWN' });
      await expect(queues.receive('none', 1)).rejects.toMatchObject({ code: 'ERR_QUEUE_UNKNOWN' });
      await queues.send('work', 'x'.repeat(262_144));
      await expect(queues.send('work', 'x'.repeat(262_145))).rejects.toMatchObject({ code: 'ERR_MESSAGE_TOO_LARGE' });
      await expect(queues.send('work', 'ü'.repeat(140_000))).rejects.toMatchObject({ code: 'ERR_MESSAGE_TOO_LARGE' });
    });
  });
}
