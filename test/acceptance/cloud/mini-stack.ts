import { FEEDS } from '../../../topology/feeds.ts';
import { resourceName } from '../../../topology/names.ts';

export interface DeployedFunction {
  readonly FunctionName: string;
  readonly Runtime: string;
}

/** What leads messages or commits to a function. */
export interface Mapping {
  readonly FunctionArn: string;
  readonly EventSourceArn: string;
  readonly FilterCriteria?: { readonly Filters: readonly { readonly Pattern: string }[] };
  /** Of a change stream: records that the function has not taken yet. */
  readonly Behind?: number;
}

/** What MiniStack answers by its own interface, for services that have no client here. */
export class MiniStack {
  readonly endpoint: string;

  constructor(endpoint: string) {
    this.endpoint = endpoint;
  }

  /** e.g. CREATE_COMPLETE; empty when there is no such stack. */
  async stackStatus(StackName: string): Promise<string> {
    const body = new URLSearchParams({ Action: 'DescribeStacks', Version: '2010-05-15', StackName });
    const answer = await fetch(this.endpoint, { method: 'POST', headers: signedFor('cloudformation'), body });
    return /<StackStatus>([A-Z_]+)<\/StackStatus>/.exec(await answer.text())?.[1] ?? '';
  }

  async functions(): Promise<readonly DeployedFunction[]> {
    const answer = await this.#ask('/2015-03-31/functions/');
    return ((await answer.json()) as { Functions: readonly DeployedFunction[] }).Functions;
  }

  async mappings(): Promise<readonly Mapping[]> {
    const answer = await this.#ask('/2015-03-31/event-source-mappings/');
    return ((await answer.json()) as { EventSourceMappings: readonly Mapping[] }).EventSourceMappings;
  }

  /** Commits that the feed which lags most has not taken yet. */
  async behind(): Promise<number> {
    const feeds = (await this.mappings()).flatMap(({ Behind }) => Behind ?? []);
    if (feeds.length !== FEEDS.length) throw new Error(`${feeds.length} feeds instead of ${FEEDS.length}`);
    return Math.max(...feeds);
  }

  /** Invokes a function and waits for it. @throws with its error when it failed */
  async invoke(stage: string, name: string): Promise<void> {
    const answer = await this.#ask(`/2015-03-31/functions/${resourceName(stage, name)}/invocations`, '{}');
    if (answer.headers.get('x-amz-function-error') !== null) throw new Error(`${name}: ${await answer.text()}`);
  }

  async #ask(path: string, body?: string): Promise<Response> {
    const sent = body === undefined ? { method: 'GET' } : { method: 'POST', body };
    const answer = await fetch(`${this.endpoint}${path}`, { ...sent, headers: signedFor('lambda') });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }
}

/** The name that signs a request says which service it is for; nobody checks the signature. */
function signedFor(service: string): Record<string, string> {
  const credential = `Credential=test/20260101/eu-central-1/${service}/aws4_request`;
  return { authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=0` };
}
