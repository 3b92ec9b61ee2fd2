import { BILLING_DAY, BILLING_MOVE, BILLING_TYPE, type BillingEvent, type BillRecorded } from '../../events/catalogue/billing.ts';
import type { DayResealed } from '../../events/index.ts';
import type { RecordedCommit } from '../../platform/ports/event-store.ts';
import { billNamed } from '../billing/bill-stream.ts';
import { type DayFact, dayFacts } from './day-facts.ts';
import { feedMapping } from './feed-events.ts';
import { factEvent, type RelayMapping } from './mapping.ts';

const DAYS: RelayMapping = {
  audience: 'billing',
  streams: 'meterday/',
  opensSubjects: true,
  told: async (record, commits) => billingEvents(await commits.fromFirst(record), record.version),
};

/** The name of a bill's stream says whose it is; what it says is opened by whoever puts it into the feed. */
const BILLS: RelayMapping = {
  audience: 'billing',
  streams: 'bill/',
  opensSubjects: false,
  told: async ({ stream, version, at }) => {
    const data: BillRecorded = { ...billNamed(stream), stream, version };
    return [factEvent({ stream, version }, { type: BILLING_TYPE.billRecorded, subject: data.account, at, data })];
  },
};

/** What billing is told, the service's own and the utility's. @source X.1332 8.3 */
export const BILLING_MAPPINGS: readonly RelayMapping[] = [DAYS, BILLS, feedMapping('billing')];

/** What billing is told of one day from a version on, in the order of the facts. @param commits from the day's first on */
function billingEvents(commits: readonly RecordedCommit[], from: number): readonly BillingEvent[] {
  return dayFacts(commits, from).flatMap(toldOf);
}

function toldOf(fact: DayFact): BillingEvent[] {
  const { stream, version, event, frame, former } = fact;
  const { usagePoint, subject: account, meterId, day, part } = frame;
  const place = { usagePoint, account, meterId, day, part, stream, version };
  switch (event.type) {
    case 'DayFinalized':
    case 'DayRestated': {
      const { revision, held } = event.data;
      const type = event.type === 'DayFinalized' ? BILLING_TYPE.finalized : BILLING_TYPE.restated;
      const data = BILLING_DAY.parse({ ...place, revision, held });
      return [factEvent(fact, { type, subject: usagePoint, at: event.data.at, data })];
    }
    case 'DayResealed': {
      if (former === account && isWhole(event.data)) return [];
      const data = BILLING_MOVE.parse({ ...place, ...(former === undefined ? {} : { former }) });
      return [factEvent(fact, { type: BILLING_TYPE.moved, subject: usagePoint, at: event.data.at, data })];
    }
    default:
      return [];
  }
}

/** A day whose bounds stayed keeps how it stood: only its key is another. */
function isWhole({ history }: DayResealed): boolean {
  return history.some(({ type }) => type === 'DayProvisional' || type === 'DayFinalized' || type === 'DayRestated');
}
