import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TallyFold } from '../../domain/telemetry/tally.ts';
import { keptFrom } from '../../lambdas/shared/retained/kept-commits.ts';
import { openAudit } from '../../platform/embedded/audit.ts';
import type { EventStore } from '../../platform/ports/event-store.ts';

/**
 * Frames that were recorded and are gone by a restore: those of commits that lie in what a restore laid aside and not in the store.
 * What was in them meters send again, in frames of their own. A folder that somebody took away counts for nothing.
 * @param events the store as it is now
 */
export async function framesTakenBack(stateDir: string, events: EventStore): Promise<number> {
  const asides = readdirSync(stateDir).filter((name) => name.startsWith('replaced-') && existsSync(join(stateDir, name, 'events.db')));
  const tally = new TallyFold();
  const counted = new Set<string>();
  for (const aside of asides) {
    const audit = openAudit(stateDir, join(stateDir, aside, 'events.db'));
    try {
      for (const prefix of ['segment/', 'relay/']) {
        for await (const stream of audit.events.streams(prefix)) {
          for await (const { commitId } of events.read(stream, await keptFrom(events, stream))) counted.add(commitId.toString('hex'));
          for await (const commit of audit.events.read(stream, await keptFrom(audit.events, stream))) {
            const id = commit.commitId.toString('hex');
            if (counted.has(id)) continue;
            counted.add(id);
            for (const event of commit.events) tally.add(event);
          }
        }
      }
    } finally {
      audit.close();
    }
  }
  const { accepted, duplicate, quarantined } = tally.result();
  return accepted + duplicate + quarantined;
}
