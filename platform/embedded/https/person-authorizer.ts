import type { Defences } from '../../../topology/defences.ts';
import { PUBLIC, type Route } from '../../../topology/route.ts';
import { type Authorization, type Authorizer, anybody, type Identity } from '../../ports/authorizer.ts';
import type { Clock } from '../../ports/platform.ts';
import type { EmbeddedPeople } from '../gateway/people.ts';

/**
 * A client certificate of the utility's own says who calls and as what. It is looked at anew for every request. What is public asks
 * nobody who they are, and so nobody there is anybody.
 */
export class PersonAuthorizer implements Authorizer {
  readonly #people: Pick<EmbeddedPeople, 'judge'>;
  readonly #clock: Clock;
  readonly #defences: Pick<Defences, 'certificateStatus' | 'callerCertificates'>;

  constructor(people: Pick<EmbeddedPeople, 'judge'>, clock: Clock, defences: Pick<Defences, 'certificateStatus' | 'callerCertificates'>) {
    this.#people = people;
    this.#clock = clock;
    this.#defences = defences;
  }

  async authorize({ certificate }: Identity, { roles }: Pick<Route, 'roles'>): Promise<Authorization> {
    if (roles.includes(PUBLIC)) return { allowed: true, person: PUBLIC, role: PUBLIC };
    if (!this.#defences.callerCertificates) return anybody(roles);
    if (certificate === undefined) return denied('certificate-missing');
    const judged = this.#judge(certificate);
    if ('refused' in judged) return denied(judged.refused);
    const { name: person, role } = judged;
    if (!roles.includes(role)) return { allowed: false, because: 'forbidden', reason: 'wrong-role' };
    return { allowed: true, person, role };
  }

  /** What does not even parse is nobody's. */
  #judge(certificate: Buffer) {
    try {
      return this.#people.judge(certificate, { now: this.#clock.now(), defences: this.#defences });
    } catch {
      return { refused: 'certificate-unreadable' };
    }
  }
}

function denied(reason: string): Authorization {
  return { allowed: false, because: 'unauthenticated', reason };
}
