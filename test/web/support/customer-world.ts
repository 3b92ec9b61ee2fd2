import type { Page } from 'playwright-core';
import { vi } from 'vitest';
import { AccountWorld, RECIPIENT, RECIPIENT_CALLBACK } from '../../account-api/account-world.ts';
import type { PartyPlace } from './party.ts';
import { credentialsOf } from './party-credentials.ts';
import { type SignInPlaces, signIn } from './people.ts';

const MINUTE_MS = 60_000;

/**
 * Two customers and a third party at a service in this process, with the portal as it is built: everything that it answers is its own word. The
 * test moves its clocks, so nobody has to wait for five minutes to pass.
 */
export class CustomerWorld {
  readonly world: AccountWorld;
  readonly places: SignInPlaces;
  readonly party: PartyPlace;
  readonly #wall: Wall;

  private constructor(world: AccountWorld, places: SignInPlaces, party: PartyPlace, wall: Wall) {
    this.world = world;
    this.places = places;
    this.party = party;
    this.#wall = wall;
  }

  static async open(): Promise<CustomerWorld> {
    const wall = new Wall();
    const world = await AccountWorld.open({ applications: {}, wall, authorizer: (usual) => usual });
    const { platform, doors } = world;
    const passphrase = await platform.identity.add('demo-customer', { kind: 'customer', account: 'acc-home-1' });
    const [portal, console, { issuer }] = [doors.customer.address, doors.console.address, doors.identity.endpoints];
    const places = { portal, console, identity: issuer, passphrases: { 'demo-customer': passphrase } };
    const credentials = await credentialsOf(platform, RECIPIENT, world.clock.now());
    const thirdParty = doors['third-party'].url;
    const party = { id: RECIPIENT, callback: RECIPIENT_CALLBACK, portal, thirdParty, party: credentials };
    return new CustomerWorld(world, places, party, wall);
  }

  /** The customer signs in while the provider's clock goes behind: so long ago it was, by what the provider signs. */
  async signedIn(page: Page, secondsAgo: number): Promise<void> {
    const now = Date.now.bind(Date);
    const behind = vi.spyOn(Date, 'now').mockImplementation(() => now() - secondsAgo * 1_000);
    try {
      await signIn(page, 'demo-customer', this.places);
    } finally {
      behind.mockRestore();
    }
  }

  /** By the clock that browsers go by so much time has passed. Less than a minute in all: after that no browser would be believed. */
  pass(seconds: number): void {
    this.#wall.aheadMs += seconds * 1_000;
    if (this.#wall.aheadMs >= MINUTE_MS) throw new Error('proofs of browsers are a minute old by now');
  }

  /** The clock that browsers go by is the machine's again. */
  back(): void {
    this.#wall.aheadMs = 0;
  }

  stop(): Promise<void> {
    return this.world.stop();
  }
}

/** The machine's clock, and so much more; it doesn't go by `Date`. */
class Wall {
  aheadMs = 0;

  now(): number {
    return Math.round(performance.timeOrigin + performance.now()) + this.aheadMs;
  }
}
