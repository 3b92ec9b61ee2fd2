import { Consents } from '../../lambdas/consent/consents.ts';
import { changeRecipient } from '../../lambdas/shared/feeds/recipients.ts';
import type { Embedded } from '../../platform/embedded/platform.ts';
import type { Clock } from '../../platform/ports/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { certify } from '../commands/recipient.ts';
import type { Doors } from '../service/doors.ts';
import { type CustomerBrowser, type PartyAnswer, PartyClient } from './party-client.ts';

const ID = 'shift-advice';
const REDIRECT = 'https://shift-advice.example/callback';
/** Hours, for load shifting, thirteen months back. */
const SCOPE = 'FB=4_5_15;IntervalDuration=3600;BlockDuration=monthly;HistoryLength=13';

/** What a third party holds of one customer, and what it holds when the customer has taken the consent back. */
export interface ThirdPartyView {
  readonly withConsent: { readonly status: number; readonly rows: number; readonly energyWh: number; readonly greenButtonBytes: number };
  readonly withoutConsent: { readonly status: number; readonly problem: string };
}

interface ViewOptions {
  readonly platform: Embedded;
  /** Open. */
  readonly doors: Doors;
  readonly clock: Clock;
  readonly account: string;
  /** In which the customer is signed in. */
  readonly browser: CustomerBrowser;
  /** Window of the data, UTC ms. */
  readonly from: number;
  readonly until: number;
}

/** Registers a third party, lets the customer say yes, pulls over the real doors, takes the consent back, and pulls again. */
export async function thirdPartyView({ platform, doors, clock, account, browser, from, until }: ViewOptions): Promise<ThirdPartyView> {
  const { 'third-party': thirdParty, customer } = doors;
  if (thirdParty === undefined || customer === undefined) throw new Error('the doors of third parties and customers are not open');
  const place = { thirdParty: thirdParty.port, customer: customer.port, ca: platform.ca.rootPem };
  const client = new PartyClient(place, ID, REDIRECT);
  const at = clock.now();
  const registration = { type: 'RegisterRecipient', recipientId: ID, name: 'Shift Advice', redirectUris: [REDIRECT], at } as const;
  await changeRecipient(platform.as('enrol'), ID, registration);
  client.take(await certify(platform, ID, await client.request(), at));
  const path = await client.authorize(SCOPE, 'allow', browser);
  const window = { 'published-min': new Date(from).toISOString(), 'published-max': new Date(until).toISOString() };
  const pulled = `${path}?${new URLSearchParams(window)}`;
  const [rows, feed] = [await client.pull(pulled), await client.pull(pulled, 'application/atom+xml')];
  const consents = new Consents(platform.as('consent'), ALL_DEFENCES);
  await consents.revoke({ account }, path.split('/').at(-1)!);
  return {
    withConsent: { status: rows.status, ...summed(rows), greenButtonBytes: Buffer.byteLength(feed.text) },
    withoutConsent: refused(await client.pull(pulled)),
  };
}

function summed({ status, text }: PartyAnswer): { readonly rows: number; readonly energyWh: number } {
  if (status !== 200) return { rows: 0, energyWh: 0 };
  const { series } = JSON.parse(text) as { readonly series: readonly { readonly rows: readonly { readonly energy: number | null }[] }[] };
  const rows = series.flatMap((one) => one.rows);
  return { rows: rows.length, energyWh: rows.reduce((sum, { energy }) => sum + (energy ?? 0), 0) };
}

function refused({ status, text }: PartyAnswer): { readonly status: number; readonly problem: string } {
  const { type = '' } = JSON.parse(text) as { readonly type?: string };
  return { status, problem: type.replace('urn:joulekeep:problem:', '') };
}
