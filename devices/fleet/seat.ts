import { JoulekeepError } from '../../events/errors.ts';
import { concentratorThing } from '../../topology/device-access.ts';
import { Concentrator } from '../concentrator/concentrator.ts';
import type { Link, LinkIdentity } from '../concentrator/link.ts';
import { mqttLink } from '../concentrator/mqtt-link.ts';
import type { Spool } from '../concentrator/spool.ts';
import { EvilConcentrator } from './adversary.ts';
import type { Identities } from './identities.ts';
import type { Published } from './published.ts';
import type { Relay } from './relay.ts';

export interface SeatOptions {
  readonly dcId: string;
  readonly spool: Spool;
  readonly identities: Identities;
  readonly published: Published;
  /** Virtual time, UTC ms. */
  readonly now: () => number;
  /** Seed of the adversary that sits here; absent = an honest place. */
  readonly evilSeed?: string;
  readonly onDownlink: (meterId: string, bytes: Buffer) => void;
}

/** A concentrator's place in the town: its line to the broker, its spool, and who sits there. */
export class Seat {
  readonly dcId: string;
  readonly evil: EvilConcentrator | undefined;
  readonly relay: Relay;
  /** The line, counted: whoever has got hold of the place can send over it too. */
  readonly link: Link;
  readonly #options: SeatOptions;
  readonly #line = new Line();

  constructor(options: SeatOptions) {
    const { dcId, evilSeed, now, published } = options;
    this.dcId = dcId;
    this.#options = options;
    const link = published.counted(this.#line);
    this.link = link;
    this.evil = evilSeed === undefined ? undefined : new EvilConcentrator({ dcId, seed: evilSeed, now, link });
    const honest = new Concentrator({
      dcId,
      now,
      spool: options.spool,
      link: this.evil?.link ?? link,
      onIdentity: ({ key, certificate }) => options.identities.renew(dcId, key, certificate),
    });
    this.evil?.capture(honest);
    this.relay = this.evil ?? honest;
    this.relay.onDownlink = options.onDownlink;
  }

  /** Connects, or connects elsewhere. @throws ERR_SEAT_REFUSED when the broker does not take the concentrator */
  async connect(brokerUrl: string, brokerCa: string): Promise<void> {
    const { privateKey: key, certificate } = this.#options.identities.issued(this.dcId);
    await this.close();
    const line = mqttLink({ url: brokerUrl, key, certificate, ca: brokerCa, clientId: concentratorThing(this.dcId) });
    this.#line.use(await line.catch((error: Error) => this.#refused(error)));
  }

  #refused({ message }: Error): never {
    const cause = `concentrator ${this.dcId} is not let in (${message})`;
    throw new JoulekeepError(
      'ERR_SEAT_REFUSED',
      `${cause}: where it was quarantined, device release lets it in again; a revoked one stays out`,
    );
  }

  /** Goes over a line that somebody else has made, and ends. */
  async use(link: Link): Promise<void> {
    await this.close();
    this.#line.use(link);
  }

  async close(): Promise<void> {
    await this.#line.close();
  }
}

/** A link that may have an end. */
type Closable = Link & { close?(): Promise<void> };

/** A link whose far end can change under a concentrator that stays. */
class Line implements Link {
  #link: Closable | undefined;
  #onDown: (payload: Buffer) => void = () => {};

  use(link: Closable): void {
    this.#link = link;
    link.onDown((payload) => this.#onDown(payload));
  }

  publish(topic: string, payload: Buffer): Promise<void> {
    return this.#link?.publish(topic, payload) ?? Promise.reject(new Error('not connected'));
  }

  onDown(handler: (payload: Buffer) => void): void {
    this.#onDown = handler;
  }

  useIdentity(identity: LinkIdentity): Promise<void> {
    return this.#link?.useIdentity?.(identity) ?? Promise.resolve();
  }

  async close(): Promise<void> {
    await this.#link?.close?.();
    this.#link = undefined;
  }
}
