import { setTimeout as wait } from 'node:timers/promises';
import { IoTClient } from '@aws-sdk/client-iot';
import { type Credentials, type Signing, signedHeaders } from '../../../platform/aws/signed-request.ts';
import { resourceName } from '../../../topology/names.ts';
import type { Principal } from '../../../topology/principals.ts';

/** Longest life of a session that was taken on from another one. */
const SESSION_SECONDS = 3_600;
/** How long it may take until a changed role is known everywhere. */
const SPREAD_MS = 90_000;
const RETRY_MS = 3_000;

export interface Session extends Credentials {
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** Whoever runs the lane, in an account: calls of services that have no client here, with the credentials at hand. */
export class Account {
  readonly region: string;
  readonly #endpoint: string | undefined;
  readonly #credentials: () => Promise<Credentials>;

  /** @param endpoint of an emulator; absent = AWS */
  constructor(region: string, endpoint?: string) {
    this.region = region;
    this.#endpoint = endpoint;
    this.#credentials = () => new IoTClient({ region }).config.credentials();
  }

  /** @returns the account, and the id by which policies know the caller */
  async caller(): Promise<{ readonly account: string; readonly userId: string }> {
    const answer = await this.#query('sts', '2011-06-15', 'GetCallerIdentity', {});
    return { account: field(answer, 'Account'), userId: field(answer, 'UserId') };
  }

  /** Who may take on the role of a principal, as IAM has it. */
  async trustOf(stage: string, principal: Principal): Promise<string> {
    const answer = await this.#query('iam', '2010-05-08', 'GetRole', { RoleName: resourceName(stage, principal) });
    return decodeURIComponent(field(answer, 'AssumeRolePolicyDocument')).replaceAll('&quot;', '"');
  }

  async setTrust(stage: string, principal: Principal, PolicyDocument: string): Promise<void> {
    await this.#query('iam', '2010-05-08', 'UpdateAssumeRolePolicy', { RoleName: resourceName(stage, principal), PolicyDocument });
  }

  /** Takes on the role of a principal; one whose trust was just changed is tried again for a while. */
  async session(account: string, stage: string, principal: Principal): Promise<Session> {
    const RoleArn = `arn:aws:iam::${account}:role/${resourceName(stage, principal)}`;
    const wanted = { RoleArn, RoleSessionName: 'acceptance', DurationSeconds: String(SESSION_SECONDS) };
    for (const until = Date.now() + SPREAD_MS; ; await wait(RETRY_MS)) {
      try {
        const answer = await this.#query('sts', '2011-06-15', 'AssumeRole', wanted);
        return {
          accessKeyId: field(answer, 'AccessKeyId'),
          secretAccessKey: field(answer, 'SecretAccessKey'),
          sessionToken: field(answer, 'SessionToken'),
          expiration: new Date(field(answer, 'Expiration')),
        };
      } catch (error) {
        if (Date.now() > until) throw error;
      }
    }
  }

  /** Invokes a function and waits for it. @throws with its error when it failed */
  async invoke(stage: string, name: string): Promise<void> {
    const url = new URL(
      `/2015-03-31/functions/${resourceName(stage, name)}/invocations`,
      this.#endpoint ?? `https://lambda.${this.region}.amazonaws.com`,
    );
    const answer = await this.#send(url, { service: 'lambda', region: this.region }, {}, '{}');
    if (answer.headers.get('x-amz-function-error') !== null) throw new Error(`${name}: ${await answer.text()}`);
  }

  async #query(service: 'iam' | 'sts', Version: string, Action: string, fields: Readonly<Record<string, string>>): Promise<string> {
    // IAM is one for all regions.
    const host = service === 'iam' ? 'https://iam.amazonaws.com' : `https://sts.${this.region}.amazonaws.com`;
    const region = service === 'iam' ? 'us-east-1' : this.region;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ Action, Version, ...fields }).toString();
    return await (await this.#send(new URL('/', this.#endpoint ?? host), { service, region }, headers, body)).text();
  }

  async #send(url: URL, scope: Pick<Signing, 'service' | 'region'>, headers: Record<string, string>, body: string): Promise<Response> {
    const signing = { ...scope, credentials: await this.#credentials(), at: new Date() };
    const signed = signedHeaders({ method: 'POST', url, headers, body }, signing);
    const answer = await fetch(url, { method: 'POST', headers: signed, body });
    if (!answer.ok) throw new Error(`${scope.service}: ${answer.status} ${await answer.text()}`);
    return answer;
  }
}

function field(xml: string, name: string): string {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  if (found === undefined) throw new Error(`no ${name} in the answer`);
  return found;
}
