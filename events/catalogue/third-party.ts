import { z } from 'zod';
import type { CatalogueEntry } from './entry.ts';
import { feedGrewEntry } from './feed-grew.ts';

/** Queue that delivers to third parties. */
const THIRD_PARTY_QUEUE = 'third-party';
/** Queue of facts that third parties may have to be told of; it stays within the service. */
const THIRD_PARTY_FEED_QUEUE = 'third-party-feed';

/** What the feeds of third parties are told of a day: that it stands, whose it is and when it was. No energy. */
export const PARTY_DAY = z.strictObject({
  account: z.string().min(1).describe('account id'),
  usagePoint: z.string().min(1).describe('usage point of the day'),
  day: z.iso.date().describe('local date'),
  zone: z.string().min(1).describe('IANA zone of the date'),
  from: z.int().describe('begin of the day or its part, UTC ms'),
  until: z.int().describe('end, UTC ms'),
});

/** What they are told of a consent: that something was recorded. What, whoever issues reads under its own name. */
export const CONSENT_RECORDED = z.strictObject({
  consent: z.string().min(1).describe('id of the consent'),
  version: z.int().min(0).describe('version of the first fact of that commit'),
});

/** What they are told of an erasure: whose, and which recipient had data by a consent. Under which names, whoever issues works out. */
export const PARTY_ERASURE = z.strictObject({
  account: z.string().min(1).describe('account id'),
  recipient: z.string().min(1).describe('who had data of the customer by a consent'),
});

export type PartyErasure = z.infer<typeof PARTY_ERASURE>;
export type PartyDay = z.infer<typeof PARTY_DAY>;
export type ConsentRecorded = z.infer<typeof CONSENT_RECORDED>;

/** Types as a consumer meets them in `type`. */
export const THIRD_PARTY_TYPE = {
  dayClosed: 'joulekeep.third-party.day-closed.v1',
  consentRecorded: 'joulekeep.third-party.consent-recorded.v1',
  subjectErased: 'joulekeep.third-party.subject-erased.v1',
} as const;

const ISSUING = { audience: 'third-party', queue: THIRD_PARTY_FEED_QUEUE } as const;

/** What third parties are told: that there is something to fetch. What they get is decided when they fetch it. @source X.1332 9.3 */
export const THIRD_PARTY_EVENTS: readonly CatalogueEntry[] = [
  {
    ...ISSUING,
    type: THIRD_PARTY_TYPE.dayClosed,
    ordered: 'usage point',
    data: PARTY_DAY,
    says: 'A customer’s day is final or restated: whoever has a consent for it is told that there is something to fetch.',
  },
  {
    ...ISSUING,
    type: THIRD_PARTY_TYPE.consentRecorded,
    ordered: 'consent',
    data: CONSENT_RECORDED,
    says: 'Something was recorded of a consent: its recipient is told when it was given, narrowed or ended.',
  },
  {
    ...ISSUING,
    type: THIRD_PARTY_TYPE.subjectErased,
    ordered: 'account',
    data: PARTY_ERASURE,
    says: 'A customer’s data was erased: whoever had some of it is told so, under the names it knew the customer’s premises by.',
  },
  feedGrewEntry('third-party', THIRD_PARTY_QUEUE),
];
