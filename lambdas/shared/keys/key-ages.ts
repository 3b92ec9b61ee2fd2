import type { KeyClockwork } from '../../../platform/ports/kms.ts';
import type { Platform } from '../../../platform/ports/platform.ts';
import { KMS_KEYS } from '../../../topology/keys.ts';

const OBJECT = 'keyring/ages';
/** Generations remembered of each key. */
const REMEMBERED = 12;

interface Generation {
  readonly generation: number;
  /** UTC ms. */
  readonly since: number;
}

/** When generations of keys were made, oldest first, as far as it was noted. Nothing here can be used for anything. */
export interface KeyAges {
  readonly keys: Readonly<Record<string, readonly Generation[]>>;
}

/** Notes which generations are in use, beside those noted before. Keys that the key service turns over by itself have none to tell. */
export async function noteKeyAges({ objects }: Pick<Platform, 'objects'>, service: Pick<KeyClockwork, 'newestGeneration'>): Promise<void> {
  const before = await readKeyAges({ objects });
  const keys: Record<string, readonly Generation[]> = {};
  let changed = false;
  for (const { id } of KMS_KEYS) {
    const known = before.keys[id] ?? [];
    const newest = await newestOf(service, id);
    const isNew = newest !== undefined && !known.some(({ generation }) => generation === newest.generation);
    changed ||= isNew;
    const all = isNew ? [...known, newest].slice(-REMEMBERED) : known;
    if (all.length > 0) keys[id] = all;
  }
  if (changed) await objects.put(OBJECT, Buffer.from(JSON.stringify({ keys } satisfies KeyAges)));
}

export async function readKeyAges({ objects }: Pick<Platform, 'objects'>): Promise<KeyAges> {
  const body = await objects.get(OBJECT);
  return body === undefined ? { keys: {} } : (JSON.parse(body.toString()) as KeyAges);
}

async function newestOf(service: Pick<KeyClockwork, 'newestGeneration'>, id: string): Promise<Generation | undefined> {
  try {
    const { id: generation, createdAt } = await service.newestGeneration(id);
    return { generation: Number(generation.slice(id.length + 1)), since: createdAt };
  } catch {
    return undefined;
  }
}
