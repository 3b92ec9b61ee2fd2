import type { Defences } from '../../../topology/defences.ts';
import { authorizeCaller, type Judged } from '../../doors/caller-check.ts';
import type { SessionCheck } from '../../doors/session-check.ts';
import type { Authorization, Authorizer, Identity, JudgedRoute } from '../../ports/authorizer.ts';
import type { Clock } from '../../ports/platform.ts';
import type { EmbeddedPeople } from '../gateway/people.ts';

type CallerDefences = Pick<Defences, 'certificateStatus' | 'callerCertificates'>;

/** A client certificate of the utility's own says who calls and as what, or a session does. */
export class PersonAuthorizer implements Authorizer {
  readonly #people: Pick<EmbeddedPeople, 'judge'>;
  readonly #clock: Clock;
  readonly #defences: CallerDefences;
  readonly #sessions: SessionCheck | undefined;

  /** @param sessions none where nobody can sign in */
  constructor(people: Pick<EmbeddedPeople, 'judge'>, clock: Clock, defences: CallerDefences, sessions?: SessionCheck) {
    this.#sessions = sessions;
    this.#people = people;
    this.#clock = clock;
    this.#defences = defences;
  }

  async authorize(identity: Identity, route: JudgedRoute): Promise<Authorization> {
    const judge = (certificate: Buffer) => this.#judge(certificate);
    return await authorizeCaller(identity, route, { defences: this.#defences, judge, sessions: this.#sessions });
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
