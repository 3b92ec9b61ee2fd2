import { type KeyObject, randomBytes } from 'node:crypto';
import type { Defences } from '../../topology/defences.ts';
import { ReferenceMeter } from '../meter/meter.ts';
import type { Nvram } from '../meter/nvram.ts';
import { ProfileStore } from '../meter/profile-store.ts';
import type { IssuedIdentity } from './identities.ts';
import type { TownHome } from './town.ts';

/** A home of the town with its meter switched on. */
export interface Member {
  /** Number in the town. */
  readonly index: number;
  readonly home: TownHome;
  readonly meter: ReferenceMeter;
  readonly profile: ProfileStore;
  /** UTC ms: when the meter is asked next for what is due. */
  nextPoll: number;
}

export interface MemberParts {
  readonly index: number;
  readonly home: TownHome;
  readonly identity: IssuedIdentity;
  readonly root: KeyObject;
  readonly manifest: Buffer;
  readonly nvram: Nvram;
  /** Profile of an earlier run. */
  readonly snapshot: Uint8Array | undefined;
  readonly readingsPerFrame: 1 | 4 | 24 | 96;
  readonly defences: Defences;
  /** UTC ms. */
  readonly now: number;
}

/** @throws ERR_MANIFEST_REFUSED when root and manifest don't belong together */
export function switchOn(parts: MemberParts): Member {
  const { index, home, identity, root, manifest, nvram, snapshot, readingsPerFrame, defences, now } = parts;
  const { asset, meterId } = home;
  const fresh = () => new ProfileStore({ intervalMinutes: asset.intervalMinutes, channels: asset.channels });
  const profile = snapshot === undefined ? fresh() : ProfileStore.restore(Buffer.from(snapshot));
  const options = {
    meterId,
    asset,
    identity,
    rootPublicKey: root,
    manifest,
    nvram,
    profile,
    readingsPerFrame,
    defences,
    random: randomBytes,
  };
  return { index, home, meter: new ReferenceMeter(options), profile, nextPoll: now };
}
