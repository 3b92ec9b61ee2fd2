/**
 * A writer that dies: `crash-writer.ts <state directory> <stream> <name>` appends `commitOf(name)` and kills itself when
 * it is durable; `crash-writer.ts <state directory> <stream>` appends until it is killed, and prints the number of each commit
 * once it is durable.
 */
import type { EmbeddedEventStore } from '../../../platform/embedded/event-store.ts';
import { commitOf } from './events.ts';
import { openState } from './state.ts';

const [directory = '', stream = '', name] = process.argv.slice(2);
const store: EmbeddedEventStore = openState(directory).store('ingest');

if (name !== undefined) {
  await store.append(await store.head(stream), commitOf(name)).durable;
  process.kill(process.pid, 'SIGKILL');
} else {
  let head = await store.head(stream);
  for (let number = 0; ; number++) {
    const appended = store.append(head, commitOf(`commit ${number}`));
    head = appended.head;
    await appended.durable;
    process.stdout.write(`${number}\n`);
  }
}
