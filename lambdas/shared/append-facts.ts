import { randomBytes } from 'node:crypto';
import type { DomainEvent } from '../../events/index.ts';
import type { EventStore } from '../../platform/ports/event-store.ts';
import { VersionConflict } from '../../platform/ports/version-conflict.ts';

const ATTEMPTS = 12;

/** Appends facts that nothing decides about, behind whatever came meanwhile: one commit. Resolves when it is durable. @throws ERR_VERSION_CONFLICT (retryable) after 12 lost attempts */
export async function appendFacts(events: EventStore, stream: string, facts: readonly DomainEvent[]): Promise<void> {
  const commit = { commitId: randomBytes(32), events: facts };
  for (let attempt = 1; ; attempt++) {
    try {
      await events.append(await events.head(stream), commit).durable;
      return;
    } catch (error) {
      if (!(error instanceof VersionConflict) || attempt === ATTEMPTS) throw error;
    }
  }
}
