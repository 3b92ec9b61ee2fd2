/** `crash-consumer.ts <queue file>`: sends three messages, deletes one, holds one, and kills itself. */
import { EmbeddedQueues } from '../../../platform/embedded/queues.ts';
import { CONTRACT_QUEUES } from './queue-specs.ts';

const queues = new EmbeddedQueues(process.argv[2]!, CONTRACT_QUEUES);
await queues.send('work', 'done');
const [done] = await queues.receive('work', 1, 60_000);
await queues.delete([done!.receipt]);
await queues.send('work', 'received');
await queues.receive('work', 1, 60_000);
await queues.send('work', 'untouched');
process.kill(process.pid, 'SIGKILL');
