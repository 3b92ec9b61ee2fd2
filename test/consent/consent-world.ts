import { createHash } from 'node:crypto';
import type { ConsentEvent, DataResolution } from '../../events/index.ts';
import { Consents, type ConsentWish, type SignedIn } from '../../lambdas/consent/consents.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { type DisclosedPage, type Disclosure, type DisclosureAsk, Disclosures } from '../../lambdas/third-party/disclosure.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { closeAll, openHomes } from '../billing/closed-homes.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { MemoryWorld } from '../support/memory-platform.ts';

export const ZONE = 'Europe/London';
export const ACCOUNT = 'acc-home-1';
export const RECIPIENT = 'brightly';
const DAY_MS = 86_400_000;

/** Begin of a local day, UTC ms. */
export function at(day: string): number {
  return localDay(day, ZONE).start * 1000;
}

/** Three days of October of two homes are closed, the clock is put back on the second; it is November. */
export const WINDOW = { from: at('2026-10-24'), until: at('2026-10-27') };
export const NOW = at('2026-11-20');

/** Two customers' closed days, and what they allow whom. */
export class ConsentWorld {
  readonly world = new MemoryWorld({ now: at('2026-10-01') });
  readonly consents: Consents;
  disclosures: Disclosures;

  private constructor() {
    this.consents = new Consents(this.world.as('consent'), defencesUnderTest());
    this.disclosures = new Disclosures(this.api, defencesUnderTest());
  }

  /** @param wh of each quarter-hour of the first and of the second home */
  static async make(wh: readonly [number, number] = [100, 300]): Promise<ConsentWorld> {
    const made = new ConsentWorld();
    await openHomes((principal) => made.world.as(principal));
    await closeAll((principal) => made.world.as(principal), 'home-1', wh[0]);
    await closeAll((principal) => made.world.as(principal), 'home-2', wh[1]);
    made.world.clock.set(NOW);
    return made;
  }

  get api(): Platform {
    return this.world.as('third-party-api');
  }

  /** A function that knows nothing of before. */
  restart(): void {
    this.disclosures = new Disclosures(this.api, defencesUnderTest());
  }

  signedIn(account = ACCOUNT): SignedIn {
    return { account, authTime: this.world.clock.now() - 60_000, authMethod: 'test' };
  }

  grant(wish: Partial<ConsentWish> = {}, account = ACCOUNT): Promise<string> {
    return this.consents.grant(this.signedIn(account), {
      ...{ recipient: RECIPIENT, purpose: 'load-shifting', dataClasses: ['usage'], resolution: 'hour' },
      ...{ from: at('2026-10-01'), until: at('2027-01-01'), expiresAt: NOW + 300 * DAY_MS },
      textHash: createHash('sha256').update('I agree').digest('hex'),
      ...wish,
    });
  }

  ask(consentId: string, more: Partial<DisclosureAsk> = {}): Promise<Disclosure> {
    const resolution: DataResolution = 'hour';
    return this.disclosures.disclose({ recipient: RECIPIENT, consentId, window: WINDOW, resolution, requestId: 'r-1', ...more });
  }

  /** A page that has to be there. */
  async page(consentId: string, more: Partial<DisclosureAsk> = {}): Promise<DisclosedPage> {
    const disclosure = await this.ask(consentId, more);
    if (disclosure.outcome === 'refused') throw new Error(`refused: ${disclosure.why}`);
    return disclosure;
  }

  recorded(consentId: string): readonly ConsentEvent[] {
    return this.world.events.eventsOf(`consent/${consentId}`) as readonly ConsentEvent[];
  }

  types(consentId: string): readonly string[] {
    return this.recorded(consentId).map(({ type }) => type);
  }
}
