import type { Principal } from '../../../topology/principals.ts';
import type { Account, Session } from './account.ts';

const HOUR_MS = 3_600_000;
const TRUST_HOURS = 3;
/** A session is renewed so long before its end. */
const MARGIN_MS = 5 * 60_000;

/**
 * The roles of principals for whoever runs the lane. A function's role trusts functions alone: for the run it trusts the caller as
 * well, and nobody else, for three hours at the most; `close` takes that back.
 */
export class Roles {
  readonly #account: Account;
  readonly #stage: string;
  readonly #before = new Map<Principal, Promise<string>>();
  readonly #sessions = new Map<Principal, Promise<Session>>();

  constructor(account: Account, stage: string) {
    this.#account = account;
    this.#stage = stage;
  }

  /** Credentials of a principal, for as long as the run lasts. */
  async credentials(principal: Principal): Promise<Session> {
    const known = await this.#sessions.get(principal);
    if (known !== undefined && known.expiration.getTime() - Date.now() > MARGIN_MS) return known;
    const session = this.#takeOn(principal);
    this.#sessions.set(principal, session);
    return await session;
  }

  async close(): Promise<void> {
    for (const [principal, before] of this.#before) await this.#account.setTrust(this.#stage, principal, await before);
    this.#before.clear();
  }

  async #takeOn(principal: Principal): Promise<Session> {
    const { account, userId } = await this.#account.caller();
    if (!this.#before.has(principal)) {
      const before = this.#account.trustOf(this.#stage, principal);
      this.#before.set(principal, before);
      const until = new Date(Date.now() + TRUST_HOURS * HOUR_MS);
      await this.#account.setTrust(this.#stage, principal, trusting(await before, account, userId, until));
    }
    return await this.#account.session(account, this.#stage, principal);
  }
}

/** The same trust, and that of one caller until then. */
export function trusting(before: string, account: string, userId: string, until: Date): string {
  const document = JSON.parse(before) as { Statement: object[] };
  const statement = {
    Sid: 'AcceptanceRun',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'aws:userid': userId }, DateLessThan: { 'aws:CurrentTime': until.toISOString() } },
  };
  return JSON.stringify({ ...document, Statement: [...document.Statement, statement] });
}
