import { X509Certificate } from 'node:crypto';
import * as z from 'zod';
import { CALLERS } from '../../../topology/callers.ts';
import type { Defences } from '../../../topology/defences.ts';
import { API_ROLES, type ApiRole, type DoorName } from '../../../topology/route.ts';
import { type ApiRoute, ROUTES } from '../../../topology/routes.ts';
import { authorizeCaller, type Judged, judgeCaller } from '../../doors/caller-check.ts';
import { issuedBy } from '../../doors/leaf-check.ts';
import type { SessionCheck } from '../../doors/session-check.ts';
import { fingerprintOf } from '../../doors/thing-check.ts';
import type { Authorization, Authorizer, Identity, JudgedRoute } from '../../ports/authorizer.ts';
import type { CallerList, ListedCaller } from '../../ports/caller-list.ts';
import type { Clock, Directory } from '../../ports/platform.ts';

/** Entry of a certificate: who it stands for and as what. */
const Caller = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  role: z.enum(API_ROLES),
  status: z.enum(['active', 'revoked']),
  /** End of the certificate, for those who look after it; what counts stands in the certificate. */
  notAfter: z.iso.datetime().optional(),
});

export interface CallerParts {
  readonly directory: Pick<Directory, 'getMany'>;
  readonly clock: Clock;
  readonly defences: Pick<Defences, 'certificateStatus' | 'callerCertificates'>;
  /** Absent at doors where nobody has a session. */
  readonly sessions?: SessionCheck | undefined;
}

/**
 * A client certificate, whose key the handshake at this door proved, and the registry say who calls and as what: the role is that of the
 * CA that signed, and the entry of this very certificate must say the same. Both are looked at anew for every request. Roles that no route of
 * the door names do not exist here.
 * @source X.1332 10.2 to 10.4 (mutual authentication, access control)
 */
export class CallerAuthorizer implements Authorizer {
  readonly #parts: CallerParts;
  readonly #roles: readonly ApiRole[];

  constructor(door: DoorName, parts: CallerParts, routes: readonly Pick<ApiRoute, 'door' | 'roles'>[] = ROUTES) {
    this.#parts = parts;
    const named = new Set(routes.flatMap((route) => (route.door === door ? route.roles : [])));
    this.#roles = API_ROLES.filter((role) => named.has(role));
  }

  async authorize(identity: Identity, route: JudgedRoute): Promise<Authorization> {
    const { defences, sessions } = this.#parts;
    return await authorizeCaller(identity, route, { defences, sessions, judge: (certificate) => this.#judge(certificate) });
  }

  async #judge(der: Buffer): Promise<Judged> {
    const certificate = readable(der);
    if (certificate === undefined) return { refused: 'certificate-unreadable' };
    const { directory, clock, defences } = this.#parts;
    const keys = [CALLERS.prefix + fingerprintOf(der), ...this.#roles.map((role) => CALLERS.issuerPrefix + role)];
    const [entry, ...issuers] = await directory.getMany(keys);
    const role = this.#roles.find((_, i) => isSignedBy(certificate, issuers[i]));
    return judgeCaller(certificate, role, callerOf(entry), { now: clock.now(), defences });
  }
}

function isSignedBy(certificate: X509Certificate, issuer: Buffer | undefined): boolean {
  const authority = issuer && readable(issuer);
  return authority !== undefined && issuedBy(certificate, authority);
}

/** The leaf and nothing behind it: what follows would be signed by nobody. */
function readable(der: Buffer): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(der);
    return certificate.raw.equals(der) ? certificate : undefined;
  } catch {
    return undefined;
  }
}

/** An entry that is none lets nobody in. */
function callerOf(entry: Buffer | undefined): z.infer<typeof Caller> | undefined {
  try {
    return entry && Caller.parse(JSON.parse(entry.toString()));
  } catch {
    return undefined;
  }
}

/** The registry, as those see it who look after it. */
export class RegisteredCallers implements CallerList {
  readonly #directory: Pick<Directory, 'list'>;

  constructor(directory: Pick<Directory, 'list'>) {
    this.#directory = directory;
  }

  async callers(most: number): Promise<readonly ListedCaller[]> {
    const found: ListedCaller[] = [];
    for await (const { key, value } of this.#directory.list(CALLERS.prefix)) {
      const caller = key.startsWith(CALLERS.issuerPrefix) ? undefined : callerOf(value);
      if (caller === undefined) continue;
      const { name: subject, role, status, notAfter } = caller;
      found.push({ subject, role, status, notAfter: notAfter === undefined ? null : Date.parse(notAfter) });
      if (found.length >= most) break;
    }
    return found;
  }
}
