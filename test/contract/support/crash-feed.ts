/**
 * `crash-feed.ts <state directory> <records>`: a consumer of the feed that notes each record in `handled.txt` and kills
 * itself behind so many of them, in the middle of a batch or at its end; 0 = goes on until all is done.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { FeedFile } from '../../../platform/embedded/host/feed-file.ts';
import { EmbeddedHost } from '../../../platform/embedded/host/host.ts';
import { EmbeddedQueues } from '../../../platform/embedded/queues.ts';
import { FAILED_POSITIONS } from '../../../topology/queues.ts';
import { openState } from './state.ts';

const [directory, records] = [process.argv[2]!, Number(process.argv[3])];
const state = openState(directory);
const queues = new EmbeddedQueues(join(directory, 'queues.db'));
const cursors = new FeedFile(join(directory, 'feeds.db'));
const log = { info: () => {}, warn: () => {}, error: () => {} };
const feed = {
  name: 'crash',
  function: 'consume',
  streams: ['segment/'],
  batchSize: 4,
  parallelization: 2,
  maxRetries: 2,
  patienceHours: 6,
  timeoutSeconds: 10,
  onFailure: FAILED_POSITIONS,
};
const changes = { events: state.database, cursors };
const host = new EmbeddedHost({ queues, changes, clock: state.clock, log, feeds: [feed], retryMs: 1, timer: false });

let handled = 0;
await host.start({
  queues: {},
  feeds: {
    consume: async ({ Records }) => {
      for (const { dynamodb } of Records) {
        appendFileSync(join(directory, 'handled.txt'), `${dynamodb!.NewImage!['pk']!.S} ${dynamodb!.NewImage!['sk']!.N}\n`);
        if (++handled === records) process.kill(process.pid, 'SIGKILL');
      }
      return { batchItemFailures: [] };
    },
  },
});
await host.drain();
await host.stop();
cursors.close();
queues.close();
state.close();
