import { hash, type KeyObject } from 'node:crypto';
import { type Manifest, type ManifestKey, manifestKey, openManifest } from '../../protocol/manifest.ts';
import type { ProfileStore } from './profile-store.ts';

interface OpenedManifest {
  readonly bytes: Buffer;
  readonly manifest: Manifest;
}

/** Meters of one process share what they verified: the same bytes under the same root say the same. */
const opened = new Map<string, OpenedManifest>();
const OPENED_LIMIT = 64;
const rootNames = new WeakMap<KeyObject, string>();

/**
 * The MDMS keys this meter believes in: the key manifest in force, signed by the offline root that is pinned in the
 * meter, its version never falling.
 * @source X.1332 10.1
 */
export class KeyTrust {
  readonly #root: KeyObject;
  readonly #profile: ProfileStore;
  #inForce: OpenedManifest;

  /** @param factory the manifest the meter left the factory with @throws ERR_MANIFEST_REFUSED */
  constructor(root: KeyObject, factory: Buffer, profile: ProfileStore) {
    this.#root = root;
    this.#profile = profile;
    this.#inForce = open(root, factory, 0);
    if (profile.manifest === undefined) return;
    const kept = open(root, profile.manifest, 0);
    if (kept.manifest.version > this.#inForce.manifest.version) this.#inForce = kept;
  }

  get version(): number {
    return this.#inForce.manifest.version;
  }

  /**
   * The time known falls back to that of the manifest: the root can take back what an MDMS with a wrong clock made the
   * meters believe. @throws ERR_MANIFEST_REFUSED unless signed by the root and of a higher version
   */
  adopt(bytes: Buffer): void {
    this.#inForce = open(this.#root, bytes, this.version);
    this.#profile.manifest = this.#inForce.bytes;
    this.#profile.knownTime = Math.min(this.knownTime, this.#inForce.manifest.issuedAt);
  }

  /** The newest agreement key valid at `at` (UTC ms); else the last to expire, which the MDMS answers with a manifest. */
  agreementKey(at: number): ManifestKey | undefined {
    const keys = this.#inForce.manifest.keys.filter((key) => key.use === 'agreement');
    const valid = keys.filter((key) => this.#valid(key, at));
    return best(valid, (key) => key.notBefore) ?? best(keys, (key) => key.notAfter);
  }

  handshakeKey(keyId: string, at: number): KeyObject | undefined {
    return manifestKey(this.#inForce.manifest, keyId, 'handshake', this.#notBefore(at));
  }

  /** UTC ms: by the ACCEPTs that the meter took it can't be earlier, whatever its clock says. */
  get knownTime(): number {
    return this.#profile.knownTime;
  }

  /** An ACCEPT that verified was signed at this time, UTC ms. */
  learnTime(utc: number): void {
    this.#profile.knownTime = Math.max(this.#profile.knownTime, utc);
  }

  #valid(key: ManifestKey, at: number): boolean {
    const now = this.#notBefore(at);
    return key.notBefore <= now && now < key.notAfter;
  }

  /** A clock that stopped can't be earlier than what the meter holds. */
  #notBefore(at: number): number {
    return Math.max(at, this.#inForce.manifest.issuedAt, this.knownTime);
  }
}

function open(root: KeyObject, bytes: Buffer, lastVersion: number): OpenedManifest {
  const name = `${nameOf(root)} ${hash('sha256', bytes, 'base64')}`;
  const known = opened.get(name);
  if (known !== undefined && known.manifest.version > lastVersion) return known;
  const entry = { bytes: Buffer.from(bytes), manifest: openManifest(bytes, root, lastVersion) };
  if (opened.size >= OPENED_LIMIT) opened.delete(opened.keys().next().value!);
  opened.set(name, entry);
  return entry;
}

function nameOf(root: KeyObject): string {
  const known = rootNames.get(root) ?? hash('sha256', root.export({ type: 'spki', format: 'der' }), 'base64');
  rootNames.set(root, known);
  return known;
}

function best<T>(items: readonly T[], rank: (item: T) => number): T | undefined {
  return items.reduce<T | undefined>((top, item) => (top === undefined || rank(item) > rank(top) ? item : top), undefined);
}
