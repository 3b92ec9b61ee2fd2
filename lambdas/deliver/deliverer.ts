import { CATALOGUE } from '../../events/catalogue/catalogue.ts';
import type { Audience } from '../../events/catalogue/entry.ts';
import { FEED_GREW, feedGrewType } from '../../events/catalogue/feed-grew.ts';
import { typesOf } from '../../events/catalogue/versions.ts';
import { codeOf } from '../../events/errors.ts';
import { JoulekeepError } from '../../events/index.ts';
import { WEBHOOK_TYP } from '../../protocol/webhook.ts';
import { JwsSigner } from '../shared/feeds/jws-signer.ts';
import { Turns } from '../shared/turns.ts';
import { deliveryStream, type Endpoint, endpointsOf, NOT_DUE } from './endpoints.ts';
import { type PushParts, pushFeed } from './push-feed.ts';

/** Brings feeds to whoever has an endpoint for them; one recipient's feed is brought by one at a time in this process. */
export class Deliverer {
  readonly #parts: PushParts;
  readonly #turns = new Turns();

  constructor(parts: Omit<PushParts, 'signer'>) {
    this.#parts = { ...parts, signer: new JwsSigner(parts.platform.kms, 'webhook', WEBHOOK_TYP) };
  }

  /** An integration event: what is new goes out. @param until UTC ms after which no further item is begun @throws ERR_EVENT_UNKNOWN */
  async wake(body: string, until: number): Promise<void> {
    const { audience, feed } = grownOf(body);
    const endpoints = (await endpointsOf(this.#parts.platform, audience)).filter(
      (endpoint) => feed === undefined || endpoint.feed === feed,
    );
    await Promise.all(endpoints.map((endpoint) => this.#push(endpoint, until)));
  }

  /** Attempts that are due, and replays that were asked for. One that breaks holds up none of the others. @returns endpoints that have something which they don't get */
  async due(until: number): Promise<readonly Endpoint[]> {
    const { platform } = this.#parts;
    const now = platform.clock.now();
    const endpoints = await endpointsOf(platform);
    const due = endpoints.filter(({ dueAt }) => dueAt <= now);
    const outcomes = await Promise.allSettled(due.map((endpoint) => this.#push(endpoint, until)));
    for (const [i, outcome] of outcomes.entries())
      if (outcome.status === 'rejected')
        platform.log.error('push failed', { stream: deliveryStream(due[i]!), code: codeOf(outcome.reason) });
    // Nothing but an attempt that failed is due later.
    const waiting = endpoints.filter(({ dueAt }) => dueAt > now && dueAt !== NOT_DUE);
    const failed = due.filter((_, i) => isLeft(outcomes[i]!));
    return [...waiting, ...failed];
  }

  #push(endpoint: Endpoint, until: number): Promise<boolean> {
    return this.#turns.run(deliveryStream(endpoint), () => pushFeed(this.#parts, endpoint, until));
  }
}

/** Whether something is still to be brought when an attempt is over: it failed, or never was one. */
function isLeft(outcome: PromiseSettledResult<boolean>): boolean {
  return outcome.status === 'rejected' || outcome.value;
}

/** The feed that grew. Whatever else an audience is told, all its feeds are looked at: a wake too many costs little. @throws ERR_EVENT_UNKNOWN */
function grownOf(body: string): { readonly audience: Audience; readonly feed?: string } {
  const { type, data } = JSON.parse(body) as { type?: unknown; data?: unknown };
  const entry = CATALOGUE.find((candidate) => typesOf(candidate).some((name) => name === type));
  if (entry === undefined) throw new JoulekeepError('ERR_EVENT_UNKNOWN', 'an event that is not in the catalogue');
  const grew = entry.type === feedGrewType(entry.audience) ? FEED_GREW.safeParse(data) : undefined;
  return grew?.success === true ? { audience: entry.audience, feed: grew.data.feed } : { audience: entry.audience };
}
