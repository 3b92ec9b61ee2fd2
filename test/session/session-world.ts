import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeDoors, type Doors, openDoors } from '../../bin/service/doors.ts';
import type { WhoseSignIn } from '../../platform/embedded/identity/accounts.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import type { ApplicationName } from '../../platform/ports/identity.ts';
import type { Credentials } from '../platform/gateway-fixture.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { type Answered, exchange, type Sent, written } from '../support/exchange.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { Browser } from './browser.ts';

export interface SentFrom extends Sent {
  /** Address of this machine to come from. */
  readonly from?: string;
}

/** Who signs in here, and with which passphrase. */
export interface Known {
  readonly name: string;
  readonly passphrase: string;
}

/** The embedded platform with its doors and its identity provider open, and people who can sign in. */
export class SessionWorld {
  /** Of the platform, and that the doors hold what browsers date against. */
  readonly clock = new ManualClock(Date.now());
  readonly directory = mkdtempSync(join(tmpdir(), 'joulekeep-session-'));
  platform!: Embedded;
  doors!: Doors;

  /** @param rateLimits on where they are what is tested: a test calls more often than a browser does */
  static async open({ rateLimits = false }: { readonly rateLimits?: boolean } = {}): Promise<SessionWorld> {
    const world = new SessionWorld();
    const defences = { ...defencesUnderTest(), ...(!rateLimits && { rateLimits }) };
    const { clock } = world;
    world.platform = await createEmbeddedPlatform({ stateDir: join(world.directory, 'state'), clock, timer: false, defences });
    world.doors = await openDoors(world.platform, clock, {}, { defences, wall: clock });
    return world;
  }

  async known(name: string, whose: WhoseSignIn): Promise<Known> {
    return { name, passphrase: await this.platform.identity.add(name, whose) };
  }

  addressOf(application: ApplicationName): string {
    return (application === 'portal' ? this.doors.customer : this.doors.console).address;
  }

  get issuer(): string {
    return this.doors.identity.endpoints.issuer;
  }

  async browser(application: ApplicationName = 'portal'): Promise<Browser> {
    return await Browser.open(this, application);
  }

  /** A browser that signed in and began a session. */
  async signedIn(application: ApplicationName, known: Known): Promise<Browser> {
    const browser = await this.browser(application);
    await browser.signIn(known);
    return browser;
  }

  /** @param url e.g. `https://localhost:1234/v1/session` */
  async send(url: string, { method = 'GET', headers = {}, from, ...sent }: SentFrom, who?: Credentials): Promise<Answered> {
    const { port, pathname, search, host } = new URL(url);
    const { body, typed } = written(sent);
    const place = { servername: 'localhost', port, path: pathname + search, ca: this.platform.ca.rootPem };
    const caller = { ...(from !== undefined && { localAddress: from }), ...(who && { key: who.key, cert: who.cert }) };
    return await exchange({ ...place, ...caller, method, headers: { host, ...typed, ...headers } }, body);
  }

  /** Reasons of what the doors refused. */
  get refused(): ReadonlyMap<string, number> {
    const all = [this.doors.customer, this.doors.console].flatMap(({ refused }) => [...refused]);
    return all.reduce((sum, [reason, count]) => sum.set(reason, (sum.get(reason) ?? 0) + count), new Map<string, number>());
  }

  async close(): Promise<void> {
    await closeDoors(Object.values(this.doors));
    await this.platform.close();
    rmSync(this.directory, { recursive: true });
  }
}
