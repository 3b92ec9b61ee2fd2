import type { KeysView } from '../../api/console.ts';
import { AREA_ZONE } from '../../topology/forecasting.ts';
import { KMS_KEYS, type KmsKey } from '../../topology/keys.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { instant, instantOrNull } from '../http/instants.ts';
import { type KeyAges, readKeyAges } from '../shared/keys/key-ages.ts';
import { findKeyring, type Keyring } from '../shared/keys/manifest.ts';
import { listCertificates } from './certificates.ts';
import type { ConsoleDesk } from './desk.ts';

type KeyBody = KeysView['keys'][number];

const DAY_MS = 86_400_000;

/** Keys as whoever turns them over has last noted them, and certificates. No key can be used by whoever asks. */
export async function showKeys(desk: ConsoleDesk, _call: Call<'showKeys'>): Promise<Answer> {
  const now = desk.clock.now();
  const [keyring, ages, certificates] = await Promise.all([findKeyring(desk), readKeyAges(desk), listCertificates(desk, now)]);
  const body: KeysView = {
    asOf: instant(now),
    zone: AREA_ZONE,
    manifest: keyring === undefined ? null : { version: keyring.version, issuedAt: instantOrNull(issuedAt(keyring)) },
    keys: KMS_KEYS.map((key) => keyBody(key, ages)),
    certificates,
  };
  return { body };
}

/** A manifest is issued for the newest generation in it. */
function issuedAt({ version, keys }: Keyring): number | undefined {
  const begun = keys.filter(({ since }) => since === version).map(({ notBefore }) => notBefore);
  return begun.length === 0 ? undefined : Math.max(...begun);
}

/** A generation works beside its successor until its overlap ends; what is only opened or verified lasts. */
function keyBody({ id, usage, rotationDays, overlapDays }: KmsKey, ages: KeyAges): KeyBody {
  const generations = ages.keys[id] ?? [];
  const newest = generations.at(-1);
  return {
    ...{ key: id, usage },
    generations: generations.map(({ generation, since }, i) => {
      const successor = generations[i + 1];
      const ends = usage === 'encrypt-decrypt' || successor === undefined ? undefined : successor.since + overlapDays * DAY_MS;
      return { generation, since: instant(since), until: instantOrNull(ends), current: successor === undefined };
    }),
    dueAt: newest === undefined ? null : instant(newest.since + rotationDays * DAY_MS),
  };
}
