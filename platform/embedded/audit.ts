import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { JoulekeepError } from '../../events/errors.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { KeyTable } from '../ports/key-table.ts';
import type { Kms } from '../ports/kms.ts';
import type { ObjectStore } from '../ports/platform.ts';
import { Archives } from '../store/archives.ts';
import { Keyring } from '../store/keyring.ts';
import type { StreamReport, WalkedCommit } from '../store/report.ts';
import { isSigned, type StoredAnchor } from '../store/trim-record.ts';
import { verifyStreams } from '../store/verify.ts';
import { EventDatabase } from './event-database.ts';
import { EmbeddedEventStore } from './event-store.ts';
import { KeyDatabase } from './key-table.ts';
import { SoftwareKms } from './kms/kms.ts';
import { besideRecord } from './kms/record.ts';
import { EmbeddedObjects } from './objects.ts';

/** What streams that are walked side by side have read of their next commits. */
const CACHE_BYTES = 16 * 1024 * 1024;

/** A state directory as the auditor sees it: everything recorded can be read and checked, nothing written. */
export interface Audit {
  readonly events: EventStore;
  readonly objects: ObjectStore;
  readonly kms: Kms;
  readonly keys: KeyTable;
  /** Walks the hash chain of every stream with the prefix. @param onCommit hears of every commit on the way */
  verify(prefix: string, onCommit?: (commit: WalkedCommit) => void): AsyncGenerator<StreamReport, void, void>;
  close(): void;
}

/**
 * Opens the store of a state directory beside the service that may be running on it.
 * @param recorded the file of commits, such as one that a restore laid aside
 * @throws ERR_STATE_MISSING when nothing was ever recorded there
 */
export function openAudit(stateDir: string, recorded = join(stateDir, 'events.db')): Audit {
  const path = (name: string) => join(stateDir, name);
  if (!existsSync(recorded) || !existsSync(path('kms.db'))) {
    throw new JoulekeepError('ERR_STATE_MISSING', `${stateDir} holds no recorded streams: give the --state of a service that has run`);
  }
  const clock = { now: Date.now };
  const defences = ALL_DEFENCES;
  const keys = new KeyDatabase(path('keys.db'), defences);
  const recordPath = besideRecord(path('kms-record'), clock.now());
  const kms = new SoftwareKms({ path: path('kms.db'), rootKeyPath: path('kms-root.key'), recordPath, clock, defences });
  const database = new EventDatabase(recorded, CACHE_BYTES);
  const keyring = new Keyring({ keys: keys.as('auditor'), kms: kms.as('auditor'), clock });
  const asAuditor = kms.as('auditor');
  const objects = new EmbeddedObjects(path('objects'), clock);
  const events = new EmbeddedEventStore({ principal: 'auditor', database, keyring, kms: asAuditor, objects, clock, defences });
  const keyOf = (keyId: string) => keyring.openingKey(keyId);
  const wasDestroyed = (keyId: string) => keys.wasDestroyed(keyId);
  const options = { keyOf, wasDestroyed, isSigned: (anchor: StoredAnchor) => isSigned(asAuditor, anchor), sealed: true };
  return {
    events,
    objects,
    kms: asAuditor,
    keys: keys.as('auditor'),
    verify: (prefix, onCommit) =>
      verifyStreams(new Archives({ hot: database, objects }), prefix, { ...options, ...(onCommit && { onCommit }) }),
    close: () => {
      database.close();
      kms.close();
      keys.close();
    },
  };
}
