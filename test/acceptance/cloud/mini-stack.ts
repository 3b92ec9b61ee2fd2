import { FEEDS } from '../../../topology/feeds.ts';
import { resourceName } from '../../../topology/names.ts';

/** What MiniStack answers by its own interface, for services that have no client here. */
export class MiniStack {
  readonly endpoint: string;

  constructor(endpoint: string) {
    this.endpoint = endpoint;
  }

  /** Invokes a function and waits for it. @throws with its error when it failed */
  async invoke(stage: string, name: string): Promise<void> {
    const answer = await this.#ask('lambda', `/2015-03-31/functions/${resourceName(stage, name)}/invocations`, '{}');
    if (answer.headers.get('x-amz-function-error') !== null) throw new Error(`${name}: ${await answer.text()}`);
  }

  /** Commits in the change stream that some function has not taken yet, by feed. */
  async behind(): Promise<number> {
    const answer = await this.#ask('lambda', '/2015-03-31/event-source-mappings/');
    const { EventSourceMappings } = (await answer.json()) as { EventSourceMappings: readonly { readonly Behind?: number }[] };
    const feeds = EventSourceMappings.flatMap(({ Behind }) => Behind ?? []);
    if (feeds.length !== FEEDS.length) throw new Error(`${feeds.length} feeds instead of ${FEEDS.length}`);
    return Math.max(...feeds);
  }

  async #ask(service: string, path: string, body?: string): Promise<Response> {
    // The name that signs a request says which service it is for; nobody checks the signature.
    const credential = `Credential=test/20260101/eu-central-1/${service}/aws4_request`;
    const headers = { authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=0` };
    const method = body === undefined ? 'GET' : 'POST';
    const answer = await fetch(`${this.endpoint}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }
}
