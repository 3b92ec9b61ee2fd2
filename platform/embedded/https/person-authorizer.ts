import type { Defences } from '../../../topology/defences.ts';
import type { Route } from '../../../topology/route.ts';
import type { Authorization, Authorizer, Identity } from '../../ports/authorizer.ts';
import type { Clock } from '../../ports/platform.ts';
import { authorizeCaller, type Judged } from '../../store/caller-check.ts';
import type { EmbeddedPeople } from '../gateway/people.ts';

type CallerDefences = Pick<Defences, 'certificateStatus' | 'callerCertificates'>;

/** A client certificate of the utility's own says who calls and as what. */
export class PersonAuthorizer implements Authorizer {
  readonly #people: Pick<EmbeddedPeople, 'judge'>;
  readonly #clock: Clock;
  readonly #defences: CallerDefences;

  constructor(people: Pick<EmbeddedPeople, 'judge'>, clock: Clock, defences: CallerDefences) {
    this.#people = people;
    this.#clock = clock;
    this.#defences = defences;
  }

  async authorize(identity: Identity, route: Pick<Route, 'roles'>): Promise<Authorization> {
    return await authorizeCaller(identity, route, this.#defences, (certificate) => this.#judge(certificate));
  }

  /** What does not even parse is nobody's. */
  #judge(certificate: Buffer): Judged {
    try {
      return this.#people.judge(certificate, { now: this.#clock.now(), defences: this.#defences });
    } catch {
      return { refused: 'certificate-unreadable' };
    }
  }
}
