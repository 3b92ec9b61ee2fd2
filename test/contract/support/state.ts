import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventDatabase } from '../../../platform/embedded/event-database.ts';
import { EmbeddedEventStore } from '../../../platform/embedded/event-store.ts';
import { KeyDatabase } from '../../../platform/embedded/key-table.ts';
import { SoftwareKms } from '../../../platform/embedded/kms/kms.ts';
import { EmbeddedObjects } from '../../../platform/embedded/objects.ts';
import type { KmsCall } from '../../../platform/ports/kms-record.ts';
import { Archives } from '../../../platform/store/archives.ts';
import { Keyring } from '../../../platform/store/keyring.ts';
import { isSigned, type StoredAnchor } from '../../../platform/store/trim-record.ts';
import type { Defences } from '../../../topology/defences.ts';
import { defencesUnderTest } from '../../support/defences.ts';

/** A clock that stands still until it is told. */
export class TestClock {
  #now: number;

  constructor(now = Date.UTC(2026, 10, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  advance(ms: number): void {
    this.#now += ms;
  }
}

export const MINUTE = 60_000;
export const DAY = 86_400_000;

/** The parts of a state directory that hold events and keys, opened. */
export interface TestState {
  readonly directory: string;
  readonly clock: TestClock;
  readonly kms: SoftwareKms;
  readonly keys: KeyDatabase;
  readonly database: EventDatabase;
  readonly objects: EmbeddedObjects;
  /** What the verifier walks. */
  readonly archives: Archives;
  readonly calls: KmsCall[];
  keyring(principal: string): Keyring;
  store(principal: string): EmbeddedEventStore;
  close(): void;
}

export function openState(directory: string, clock = new TestClock(), defences: Defences = defencesUnderTest()): TestState {
  const calls: KmsCall[] = [];
  const kms = new SoftwareKms({
    path: join(directory, 'kms.db'),
    rootKeyPath: join(directory, 'kms.root'),
    clock,
    defences,
    onCall: (call) => calls.push(call),
  });
  const keys = new KeyDatabase(join(directory, 'keys.db'), defences);
  const database = new EventDatabase(join(directory, 'events.db'));
  const objects = new EmbeddedObjects(join(directory, 'objects'), clock);
  const keyring = (principal: string) => new Keyring({ keys: keys.as(principal), kms: kms.as(principal), clock });
  return {
    directory,
    clock,
    kms,
    keys,
    database,
    calls,
    keyring,
    objects,
    archives: new Archives({ hot: database, objects }),
    store: (principal) =>
      new EmbeddedEventStore({ principal, database, keyring: keyring(principal), kms: kms.as(principal), objects, clock, defences }),
    close: () => {
      database.close();
      keys.close();
      kms.close();
    },
  };
}

export async function newState(defences?: Defences): Promise<TestState> {
  const state = openState(temporaryDirectory(), new TestClock(), defences ?? defencesUnderTest());
  await state.kms.admin.createMissing();
  return state;
}

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'joulekeep-'));
}

export function discard(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

/** Looks at a folder in which files come and go are given up after so many. */
const LOOKS = 100;

/**
 * Files of a folder, at any depth, that contain the bytes. Where one goes while it is looked for, what was in it may lie under another name:
 * then all are looked at anew.
 */
export function filesWith(directory: string, needle: Buffer, read: (path: string) => Buffer = readFileSync): string[] {
  for (let look = 1; ; look++) {
    try {
      return readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((path) => read(path).includes(needle));
    } catch (error) {
      const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT' && existsSync(directory);
      if (!isGone || look === LOOKS) throw error;
    }
  }
}

/** What the verifier needs to judge the state as the auditor. */
export function verifyOptions(state: TestState) {
  const keyring = state.keyring('auditor');
  return {
    keyOf: (keyId: string) => keyring.openingKey(keyId),
    wasDestroyed: (keyId: string) => state.keys.wasDestroyed(keyId),
    isSigned: (anchor: StoredAnchor) => isSigned(state.kms.as('auditor'), anchor),
    sealed: true,
  };
}
