import type { DatabaseSync } from 'node:sqlite';
import { attachedElsewhere, certificateUnknown, checkThing, fingerprintOf } from '../../doors/thing-check.ts';
import type { DeviceCertificate, DeviceRegistry, DeviceRole, RegisteredDevice } from '../../ports/platform.ts';
import { openDatabase } from '../sqlite/open.ts';
import type { CertificateAuthority } from './ca.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS things (thing TEXT PRIMARY KEY, role TEXT NOT NULL, quarantined INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS certificates (
    fingerprint TEXT PRIMARY KEY,
    thing TEXT NOT NULL REFERENCES things (thing),
    der BLOB NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'revoked'))
  ) STRICT;
  CREATE INDEX IF NOT EXISTS certificates_by_thing ON certificates (thing);
`;

/** What the broker asks about a certificate that stands before it. */
export interface CertificateStanding {
  readonly thing: string;
  readonly role: DeviceRole;
  readonly status: 'active' | 'revoked';
}

/**
 * Things and their certificates. A certificate is attached to exactly one thing for good, as AWS IoT does it with
 * EXCLUSIVE_THING; a thing may hold several while it renews.
 * @throws ERR_THING_NAME, ERR_THING_ROLE, ERR_CERTIFICATE_ATTACHED, ERR_CERTIFICATE_UNKNOWN
 */
export class EmbeddedDevices implements DeviceRegistry {
  readonly #db: DatabaseSync;
  readonly #ca: CertificateAuthority;
  readonly #statements: ReturnType<typeof prepare>;
  #revoked: (fingerprint: string) => void = () => {};

  constructor(file: string, ca: CertificateAuthority) {
    this.#db = openDatabase(file, { pageSize: 4_096, synchronous: 'FULL', checkpointBytes: 1024 * 1024, schema: SCHEMA });
    this.#statements = prepare(this.#db);
    this.#ca = ca;
  }

  /** Called with each fingerprint that is revoked, after that is on stable storage. */
  onRevoked(listener: (fingerprint: string) => void): void {
    this.#revoked = listener;
  }

  standing(fingerprint: string): CertificateStanding | undefined {
    return this.#statements.standing.get(fingerprint) as unknown as CertificateStanding | undefined;
  }

  thing(name: string): { readonly role: DeviceRole; readonly quarantined: boolean } | undefined {
    const row = this.#statements.thing.get(name) as unknown as { role: DeviceRole; quarantined: number } | undefined;
    return row === undefined ? undefined : { role: row.role, quarantined: row.quarantined === 1 };
  }

  async find(thing: string): Promise<RegisteredDevice | undefined> {
    const row = this.thing(thing);
    if (row === undefined) return undefined;
    const rows = this.#statements.certificates.all(thing) as unknown as {
      fingerprint: string;
      der: Uint8Array;
      status: DeviceCertificate['status'];
    }[];
    return { thing, ...row, certificates: rows.map((certificate) => ({ ...certificate, der: Buffer.from(certificate.der) })) };
  }

  async certificateStatus(fingerprint: string): Promise<DeviceCertificate['status'] | undefined> {
    return this.standing(fingerprint)?.status;
  }

  async register(device: RegisteredDevice): Promise<void> {
    this.#transaction(() => {
      this.#putThing(device.thing, device.role);
      this.#statements.quarantine.run(device.quarantined ? 1 : 0, device.thing);
      for (const { der, status } of device.certificates) this.#attach(device.thing, der, status);
    });
    for (const { fingerprint, status } of device.certificates) if (status === 'revoked') this.#revoked(fingerprint);
  }

  async issueCertificate(thing: string, role: DeviceRole, csr: Buffer): Promise<Buffer> {
    checkThing(thing, role, this.thing(thing)?.role);
    const der = await this.#ca.issue(thing, role, csr);
    this.#transaction(() => {
      this.#putThing(thing, role);
      this.#attach(thing, der, 'active');
    });
    return der;
  }

  async revoke(fingerprint: string): Promise<void> {
    if (this.#statements.revoke.run(fingerprint).changes === 0) {
      throw certificateUnknown(fingerprint);
    }
    this.#revoked(fingerprint);
  }

  /** A thing that isn't there is denied everything anyway. */
  async setQuarantined(thing: string, quarantined: boolean): Promise<void> {
    this.#statements.quarantine.run(quarantined ? 1 : 0, thing);
  }

  close(): void {
    this.#db.close();
  }

  #putThing(thing: string, role: DeviceRole): void {
    checkThing(thing, role, this.thing(thing)?.role);
    this.#statements.putThing.run(thing, role);
  }

  #attach(thing: string, der: Buffer, status: DeviceCertificate['status']): void {
    const fingerprint = fingerprintOf(der);
    const holder = this.standing(fingerprint);
    if (holder !== undefined && holder.thing !== thing) {
      throw attachedElsewhere(fingerprint);
    }
    this.#statements.attach.run(fingerprint, thing, der, status);
  }

  #transaction(work: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#db.exec('COMMIT');
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }
}

function prepare(db: DatabaseSync) {
  return {
    standing: db.prepare('SELECT thing, role, status FROM certificates JOIN things USING (thing) WHERE fingerprint = ?'),
    thing: db.prepare('SELECT role, quarantined FROM things WHERE thing = ?'),
    certificates: db.prepare('SELECT fingerprint, der, status FROM certificates WHERE thing = ? ORDER BY rowid'),
    putThing: db.prepare('INSERT INTO things VALUES (?, ?, 0) ON CONFLICT DO NOTHING'),
    quarantine: db.prepare('UPDATE things SET quarantined = ? WHERE thing = ?'),
    // A revoked certificate stays revoked: registering it again brings nothing back.
    attach: db.prepare(`INSERT INTO certificates VALUES (?, ?, ?, ?)
      ON CONFLICT (fingerprint) DO UPDATE SET status = excluded.status WHERE status = 'active'`),
    revoke: db.prepare(`UPDATE certificates SET status = 'revoked' WHERE fingerprint = ?`),
  };
}
