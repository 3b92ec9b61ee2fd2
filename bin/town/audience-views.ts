import { changePoint } from '../../lambdas/register/change-point.ts';
import { localDay, localDayAt } from '../../lambdas/shared/days/local-days.ts';
import type { Service } from '../service/service.ts';
import { writeBillingView } from './billing-view.ts';
import type { TownClock } from './clock.ts';
import type { Closing } from './closing.ts';
import { CustomerClient } from './customer-client.ts';
import { DISPLAY_TARIFF, followTown, writeFollowed } from './display-view.ts';
import { writeFeederView } from './feeder-view.ts';
import { writeOperatorView } from './operator-view.ts';
import { type ThirdPartyView, thirdPartyView } from './third-party-view.ts';

/** The home whose customer is asked for consent, where the town is played. */
export const TOWN_CUSTOMER = 'account-00001';
/** Where that customer lives. */
const TOWN_HOME = 'up-00001';
const VISITOR = 'demo-visitor';

interface Views {
  readonly service: Service;
  readonly clock: TownClock;
  readonly stateDir: string;
  readonly zone: string;
  readonly closing: Closing;
  readonly intervalMinutes: number;
}

/** What each audience got of the days that were closed: operator, the utility itself of its feeders, billing, a third party with and without consent, a home's display. */
export async function writeAudiences(
  { service, clock, stateDir, zone, closing, intervalMinutes }: Views,
  say: (line: string) => void,
): Promise<void> {
  const { platform, doors } = service;
  // Bills were issued a moment ago, and go their way to the billing system.
  await service.settle();
  const { from, until } = closing.window;
  await writeOperatorView(platform.as('operator-api'), until, say);
  const days = { from: localDay(from, zone).start, until: localDay(until, zone).start };
  await writeFeederView(platform.as('ems'), { ...days, intervalMinutes }, say);
  await writeBillingView(platform.as('billing-api'), say);
  const window = { from: days.from * 1000, until: days.until * 1000 };
  writeThirdParty(
    await asVisitor(service, (browser) => thirdPartyView({ platform, doors, clock, account: TOWN_CUSTOMER, browser, ...window })),
    say,
  );
  writeFollowed(await followTown(service, clock, stateDir, zone), say);
  // The bills of what was played are issued: from now on the customer's portal shows prices that change.
  const { day } = localDayAt(Math.floor(clock.now() / 1000), zone);
  await changePoint(platform.as('enrol'), TOWN_HOME, [{ type: 'AssignTariff', tariff: DISPLAY_TARIFF, from: day, at: clock.now() }]);
}

/** Lets somebody sign in as the town's customer, for as long as they are looked at: nobody's passphrase is needed for it. */
async function asVisitor<Result>(
  { platform, doors }: Pick<Service, 'platform' | 'doors'>,
  visit: (browser: CustomerClient) => Promise<Result>,
): Promise<Result> {
  const { identity, ca } = platform;
  if (identity.find(VISITOR) !== undefined) identity.remove(VISITOR);
  const passphrase = await identity.add(VISITOR, { kind: 'customer', account: TOWN_CUSTOMER });
  try {
    const place = { portal: doors.customer.address, issuer: doors.identity.endpoints.issuer, ca: ca.rootPem };
    const browser = new CustomerClient(place);
    await browser.signIn(VISITOR, passphrase);
    return await visit(browser);
  } finally {
    identity.remove(VISITOR);
  }
}

function writeThirdParty({ withConsent, withoutConsent }: ThirdPartyView, say: (line: string) => void): void {
  const { rows, energyWh, greenButtonBytes } = withConsent;
  const feed = `${rows} hours over ${energyWh.toLocaleString('en')} Wh, as Green Button ${greenButtonBytes.toLocaleString('en')} bytes`;
  say('');
  say(`What a third party got of ${TOWN_CUSTOMER}, for load shifting`);
  say(`  with the customer's consent   ${feed}`);
  say(`  consent taken back            ${withoutConsent.status} ${withoutConsent.problem}`);
}
