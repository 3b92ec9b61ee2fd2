import type { ProblemName } from '../../api/problems.ts';
import type { Route } from '../../topology/route.ts';
import type { Authorization, Principal } from '../ports/authorizer.ts';
import { CallRates } from './call-rates.ts';
import { KnownCallers } from './known-callers.ts';
import { type AnnouncedBody, bodyFault, type Target } from './request-rules.ts';

/** Why a request goes no further: what the caller is told, and what is told to nobody but the log. */
export interface Refused {
  readonly refused: ProblemName;
  readonly reason: string;
  /** Seconds until asking again makes sense. */
  readonly wait?: number;
}

export interface AdmissionOptions {
  /** Off only under `--prove`. */
  readonly rateLimits: boolean;
  /** The most a body may have, bytes. */
  readonly bodyBytes: number;
  /** Milliseconds; default the process's monotonic clock. */
  readonly monotonic?: (() => number) | undefined;
}

/** A request at its route, before its body. */
export interface Knock extends AnnouncedBody {
  readonly route: Route;
  /** Where it comes from. */
  readonly address: string;
  /** The header with the token. */
  readonly authorization: string | undefined;
  readonly query: Target['query'];
  /** Whether each header has one meaning and all of them are small enough, where nobody saw to it before. */
  readonly areHeadersClear: boolean;
}

/**
 * The steps of every door, whatever it is made of, in the order in which they cost us: rates by what is claimed, who calls, rates by who that is, then what the request announces.
 * @source X.1332 9.4, 10.2 (availability, access control)
 */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #rates: CallRates;
  readonly #callers = new KnownCallers();

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#rates = new CallRates(options.monotonic);
  }

  /** Before anybody looks at who calls. @returns the customer whose share it is counted against first, if its token held before */
  knocked({ route, address, authorization }: Knock): { readonly known: string | undefined } | Refused {
    const known = this.#callers.of(authorization, route);
    const over = known === undefined ? 0 : this.#rate((rates) => rates.waitOf(known, route));
    if (over > 0) return tooMany('rate-known', over);
    const early = this.knockedPublic(address, route);
    return early ?? { known };
  }

  /** Of what asks nobody who they are. */
  knockedPublic(address: string, route: Pick<Route, 'name' | 'rate' | 'roles' | 'door'>): Refused | undefined {
    const wait = this.#rate((rates) => rates.takeUnknown(address, route));
    return wait > 0 ? tooMany('rate', wait) : undefined;
  }

  /** Who calls, where they may, and whether what they announce is what it may be. @param authorize asked once, after `knocked` */
  async admit(knock: Knock, authorize: () => Promise<Authorization>): Promise<Principal | Refused> {
    const { route, authorization: token, query } = knock;
    const authorization = await authorize();
    if (!authorization.allowed) return { refused: authorization.because, reason: authorization.reason };
    const { allowed: _, ...principal } = authorization;
    this.#callers.note(token, principal);
    const wait = this.#rate((rates) => rates.takeFor(principal, route));
    if (wait > 0) return tooMany('rate', wait);
    if (query === undefined) return { refused: 'request-invalid', reason: 'query' };
    if (!knock.areHeadersClear) return { refused: 'request-invalid', reason: 'headers' };
    const fault = bodyFault(knock, this.#options.bodyBytes, route.takes);
    return fault === undefined ? principal : { refused: fault, reason: 'body' };
  }

  /** @returns seconds */
  #rate(take: (rates: CallRates) => number): number {
    return this.#options.rateLimits ? take(this.#rates) : 0;
  }
}

/** @param wait seconds */
function tooMany(reason: string, wait: number): Refused {
  return { refused: 'too-many-requests', reason, wait };
}
