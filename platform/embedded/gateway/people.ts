import { X509Certificate } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { JoulekeepError } from '../../../events/errors.ts';
import { PRINCIPALS } from '../../../topology/principals.ts';
import { API_ROLES, type ApiRole, PUBLIC } from '../../../topology/route.ts';
import { type CallerRules, type Judged, judgeCaller } from '../../doors/caller-check.ts';
import { issuedBy } from '../../doors/leaf-check.ts';
import { fingerprintOf } from '../../doors/thing-check.ts';
import type { CallerList, ListedCaller } from '../../ports/caller-list.ts';
import type { Clock } from '../../ports/platform.ts';
import { openDatabase } from '../sqlite/open.ts';
import type { CertificateAuthority } from './ca.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS person_certificates (
    fingerprint TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'revoked'))
  ) STRICT;
  CREATE TABLE IF NOT EXISTS humans (human TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE IF NOT EXISTS person_certificate_ends (fingerprint TEXT PRIMARY KEY, not_after INTEGER NOT NULL) STRICT;
`;
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

export interface PersonCertificate {
  /** SHA-256 of the DER, hex. */
  readonly fingerprint: string;
  readonly name: string;
  readonly role: ApiRole;
  readonly status: 'active' | 'revoked';
}

/**
 * People who may call the API, by certificate: who each is and as what stands in the certificate and in this list, and both must
 * agree. @throws ERR_PERSON_NAME, ERR_PERSON_TWICE, ERR_CERTIFICATE_UNKNOWN
 */
export class EmbeddedPeople implements CallerList {
  readonly #db: DatabaseSync;
  readonly #ca: CertificateAuthority;
  readonly #clock: Clock;

  constructor(file: string, ca: CertificateAuthority, clock: Clock) {
    this.#db = openDatabase(file, { pageSize: 4_096, synchronous: 'FULL', checkpointBytes: 1024 * 1024, schema: SCHEMA });
    this.#ca = ca;
    this.#clock = clock;
  }

  /** @param csr PKCS #10, DER, subject exactly `CN=<name>` @returns DER */
  async issue(name: string, role: ApiRole, csr: Buffer): Promise<Buffer> {
    if (!NAME.test(name)) throw new JoulekeepError('ERR_PERSON_NAME', 'a person is named by a-z, 0-9 and dashes, at most 63');
    if (name === PUBLIC || PRINCIPALS.some((principal) => principal === name))
      throw new JoulekeepError('ERR_PERSON_NAME', `${name}: the system itself goes by this name`);
    const der = await this.#ca.issueToPerson(name, role, csr);
    this.#db.prepare(`INSERT INTO person_certificates VALUES (?, ?, ?, 'active')`).run(fingerprintOf(der), name, role);
    this.#db.prepare('INSERT INTO person_certificate_ends VALUES (?, ?)').run(fingerprintOf(der), endOf(der));
    return der;
  }

  /**
   * Writes down which human goes by a name, by what the utility knows humans by. Four eyes are told apart by names, so a human has one and a
   * name is one human's, whatever way they come. @throws ERR_PERSON_TWICE when either is somebody else's
   */
  claim(name: string, human: string): void {
    const known = this.#db.prepare('SELECT human, name FROM humans WHERE human = ? OR name = ?').all(human, name) as {
      human: string;
      name: string;
    }[];
    if (known.length === 1 && known[0]!.human === human && known[0]!.name === name) return;
    if (known.some((one) => one.human === human)) {
      const { name: other } = known.find((one) => one.human === human)!;
      throw new JoulekeepError('ERR_PERSON_TWICE', `this human goes by ${other} already: one human has one name`);
    }
    if (known.length > 0) throw new JoulekeepError('ERR_PERSON_TWICE', `${name} is another human: one name is one human's`);
    this.#db.prepare('INSERT INTO humans VALUES (?, ?)').run(human, name);
  }

  async revoke(fingerprint: string): Promise<void> {
    const { changes } = this.#db.prepare(`UPDATE person_certificates SET status = 'revoked' WHERE fingerprint = ?`).run(fingerprint);
    if (changes === 0) throw new JoulekeepError('ERR_CERTIFICATE_UNKNOWN', `no certificate ${fingerprint}`);
  }

  list(): readonly PersonCertificate[] {
    return this.#db.prepare('SELECT * FROM person_certificates ORDER BY name, rowid').all() as unknown as PersonCertificate[];
  }

  /** Whether somebody has a certificate of a role now that is neither revoked nor over. One whose end is not on record counts as over. */
  isInForce(name: string, role: string): boolean {
    const found = this.#db
      .prepare(
        `SELECT 1 FROM person_certificates JOIN person_certificate_ends USING (fingerprint)
         WHERE name = ? AND role = ? AND status = 'active' AND not_after >= ?`,
      )
      .get(name, role, this.#clock.now());
    return found !== undefined;
  }

  /** The newest first, at most so many. */
  async callers(most: number): Promise<readonly ListedCaller[]> {
    return this.#db
      .prepare(
        `SELECT name AS subject, role, status, not_after AS notAfter FROM person_certificates
         LEFT JOIN person_certificate_ends USING (fingerprint) ORDER BY person_certificates.rowid DESC LIMIT ?`,
      )
      .all(most) as unknown as ListedCaller[];
  }

  /** Who stands behind a certificate whose key a handshake proved. @throws for what does not parse */
  judge(der: Buffer, rules: CallerRules): Judged {
    const certificate = new X509Certificate(der);
    const role = API_ROLES.find((candidate) => issuedBy(certificate, this.#ca.issuerOfPeople(candidate)));
    return judgeCaller(certificate, role, this.#standing(fingerprintOf(der)), rules);
  }

  close(): void {
    this.#db.close();
  }

  #standing(fingerprint: string): PersonCertificate | undefined {
    return this.#db.prepare('SELECT * FROM person_certificates WHERE fingerprint = ?').get(fingerprint) as PersonCertificate | undefined;
  }
}

/** UTC ms. */
function endOf(der: Buffer): number {
  return new X509Certificate(der).validToDate.getTime();
}
