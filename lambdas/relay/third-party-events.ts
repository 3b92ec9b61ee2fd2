import { type ConsentRecorded, type PartyDay, type PartyErasure, THIRD_PARTY_TYPE } from '../../events/catalogue/third-party.ts';
import { UTILITY } from '../../events/index.ts';
import { dayFacts } from './day-facts.ts';
import { feedMapping } from './feed-events.ts';
import { factEvent, type RelayMapping } from './mapping.ts';

const DAYS: RelayMapping = {
  audience: 'third-party',
  streams: 'meterday/',
  opensSubjects: true,
  told: async (record, commits) =>
    dayFacts(await commits.fromFirst(record), record.version).flatMap(({ stream, version, event, frame }) => {
      const isTold = event.type === 'DayFinalized' || event.type === 'DayRestated';
      // Nobody but a customer gives a consent.
      if (!isTold || event.data.held || frame.subject === UTILITY) return [];
      const { subject: account, usagePoint, day, zone, start, end } = frame;
      const data: PartyDay = { account, usagePoint, day, zone, from: start * 1000, until: end * 1000 };
      return [factEvent({ stream, version }, { type: THIRD_PARTY_TYPE.dayClosed, subject: usagePoint, at: event.data.at, data })];
    }),
};

/** The name of the stream says which consent: what was recorded is not opened here. */
const CONSENTS: RelayMapping = {
  audience: 'third-party',
  streams: 'consent/',
  opensSubjects: false,
  told: async ({ stream, version, at }) => {
    const data: ConsentRecorded = { consent: stream.slice('consent/'.length), version };
    return [factEvent({ stream, version }, { type: THIRD_PARTY_TYPE.consentRecorded, subject: data.consent, at, data })];
  },
};

/** Each recipient is one fact of the erasure, so each is told once. */
const ERASURES: RelayMapping = {
  audience: 'third-party',
  streams: 'erasure/',
  opensSubjects: false,
  told: async (record, commits) => {
    const { stream, version, events } = await commits.itself(record);
    const account = stream.slice('erasure/'.length);
    return events.flatMap(({ type, data }, i) => {
      if (type !== 'RecipientNotified') return [];
      const told: PartyErasure = { account, recipient: data.recipient };
      return [
        factEvent({ stream, version: version + i }, { type: THIRD_PARTY_TYPE.subjectErased, subject: account, at: data.at, data: told }),
      ];
    });
  },
};

/** What third parties are told: that there is something to fetch, never what. @source X.1332 9.3 */
export const THIRD_PARTY_MAPPINGS: readonly RelayMapping[] = [DAYS, CONSENTS, ERASURES, feedMapping('third-party', 'party-feed/')];
