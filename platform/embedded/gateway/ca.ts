import { type KeyObject, sign, type X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { JoulekeepError } from '../../../events/errors.ts';
import { API_ROLES, type ApiRole } from '../../../topology/route.ts';
import { issueLeaf, LEAF_YEARS } from '../../doors/leaf-certificates.ts';
import { lowS } from '../../kms/low-s.ts';
import type { Clock, DeviceRole } from '../../ports/platform.ts';
import { type KeyPair, openKeyPair } from './ca-files.ts';
import { type Issuer, openIssuer, openServer, type ServerIdentity } from './ca-issuing.ts';

const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;
const ROLES = Object.keys(LEAF_YEARS) as DeviceRole[];
/** A person's certificate; who stays longer gets another. */
const PERSON_YEARS = 1;

/** The key that signs key manifests: offline in a real utility, here in a directory apart from the CA's. */
export interface ManifestRoot {
  readonly publicKey: KeyObject;
  /** ECDSA P-256 with SHA-256. @returns r || s, 64 bytes, low S */
  sign(message: Buffer): Buffer;
}

/**
 * The utility's own certification authority: a root, one sub-CA per role of devices and per role of people, one for servers. What
 * a device or a person may be is the sub-CA that issued the certificate. ECDSA P-256 with SHA-256 throughout.
 *
 * Leaves of devices live by the platform's clock. Certificates that foreign TLS stacks judge by the machine's clock
 * (root, sub-CAs, server) cover both, so that a platform whose clock runs through another year can be connected to.
 * @source X.1332 10.1 (mutual authentication; keys generated, stored, refreshed)
 */
export class CertificateAuthority {
  readonly rootPem: string;
  readonly server: ServerIdentity;
  readonly manifestRoot: ManifestRoot;
  readonly #issuers: ReadonlyMap<DeviceRole, Issuer>;
  readonly #people: ReadonlyMap<ApiRole, Issuer>;
  readonly #clock: Clock;

  private constructor(parts: {
    root: Issuer;
    issuers: ReadonlyMap<DeviceRole, Issuer>;
    people: ReadonlyMap<ApiRole, Issuer>;
    server: ServerIdentity;
    manifest: KeyPair;
    clock: Clock;
  }) {
    this.rootPem = parts.root.pem;
    this.server = parts.server;
    this.#issuers = parts.issuers;
    this.#people = parts.people;
    this.#clock = parts.clock;
    const { privateKey, publicKey } = parts.manifest;
    this.manifestRoot = { publicKey, sign: (message) => lowS(sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' })) };
  }

  /** Opens the CA of a state directory, making it the first time. @param directory e.g. `<stateDir>/ca` */
  static async open(directory: string, clock: Clock, machineTime: () => number = Date.now): Promise<CertificateAuthority> {
    const from = Math.min(clock.now(), machineTime()) - 24 * HOUR;
    const to = Math.max(clock.now(), machineTime());
    const root = await openIssuer(directory, 'root', { notBefore: from, notAfter: to + 20 * YEAR, pathLength: 1 });
    const subCa = (name: string) => openIssuer(directory, name, { notBefore: from, notAfter: to + 19 * YEAR, pathLength: 0 }, root);
    const issuers = new Map<DeviceRole, Issuer>();
    for (const role of ROLES) issuers.set(role, await subCa(role));
    const people = new Map<ApiRole, Issuer>();
    for (const role of API_ROLES) people.set(role, await subCa(`people-${role}`));
    const servers = await subCa('servers');
    const server = await openServer(directory, servers, { notBefore: from, notAfter: to + 5 * YEAR });
    return new CertificateAuthority({
      root,
      issuers,
      people,
      server,
      manifest: openKeyPair(join(directory, 'manifest-root'), 'root'),
      clock,
    });
  }

  /** Certificate of the sub-CA that signs for this role. */
  issuerOf(role: DeviceRole): X509Certificate {
    return this.#issuer(role).certificate;
  }

  /**
   * Signs a certificate for client authentication. Only subject and key are taken from the request.
   * @param csr PKCS #10, DER, at most 4 KiB, subject exactly `CN=<thing>`, P-256, signed by its key
   * @returns DER
   * @throws ERR_CSR_REFUSED (no detail, by design)
   */
  async issue(thing: string, role: DeviceRole, csr: Buffer): Promise<Buffer> {
    return await this.#sign(this.#issuer(role), thing, csr, LEAF_YEARS[role]);
  }

  /** Certificate of the sub-CA that signs for people of this role. */
  issuerOfPeople(role: ApiRole): X509Certificate {
    return this.#people.get(role)!.certificate;
  }

  /** The same as `issue`, for a person. @param name as `EmbeddedPeople` checks it */
  async issueToPerson(name: string, role: ApiRole, csr: Buffer): Promise<Buffer> {
    return await this.#sign(this.#people.get(role)!, name, csr, PERSON_YEARS);
  }

  async #sign(issuer: Issuer, name: string, csr: Buffer, years: number): Promise<Buffer> {
    return await issueLeaf(issuer, name, csr, this.#clock.now(), years);
  }

  #issuer(role: DeviceRole): Issuer {
    const issuer = this.#issuers.get(role);
    if (issuer === undefined) throw new JoulekeepError('ERR_ROLE_UNKNOWN', `no sub-CA for role ${role}`);
    return issuer;
  }
}
