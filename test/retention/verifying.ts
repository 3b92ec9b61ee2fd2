import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openAudit } from '../../platform/embedded/audit.ts';
import type { RetentionWorld } from './retention-world.ts';

/** What `joulekeep verify` would say of the streams of which there is anything to say. */
export async function verified({ directory }: RetentionWorld): Promise<string[]> {
  const audit = openAudit(directory);
  try {
    const found: string[] = [];
    for await (const { stream, bad, trimmed } of audit.verify(''))
      if (bad !== undefined) found.push(`${stream} ${bad.fault} ${bad.version}`);
      else if (trimmed !== undefined) found.push(`${stream} ${trimmed.why} ${trimmed.to}`);
    return found;
  } finally {
    audit.close();
  }
}

/** Writes to the file behind the store's back. */
export function tamper({ directory }: RetentionWorld, run: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(join(directory, 'events.db'));
  run(database);
  database.close();
}
