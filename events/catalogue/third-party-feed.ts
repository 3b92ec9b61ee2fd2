import { z } from 'zod';
import { FEED_ITEM } from './feed-item.ts';

/** What an item of a third party's feed is signed for. */
export const THIRD_PARTY_FEED_TYP = 'joulekeep-third-party-feed+jws';

/** What a webhook may be asked for. */
export const NOTICE_TYPE = {
  dataAvailable: 'joulekeep.third-party.data-available.v1',
  consentChanged: 'joulekeep.third-party.consent-changed.v1',
  subjectErased: 'joulekeep.third-party.subject-erased.v1',
} as const;

const { feed, seq, prevHash, issuedAt, revision, window } = FEED_ITEM.shape;
const SAID = {
  ...{ feed, seq, prevHash, issuedAt, revision, window },
  subscription: z.string().min(1).describe('id of the consent, as in the address to fetch from'),
};

/**
 * An item of a third party's feed, whole: that there is something to fetch, that a consent is another, or that whose data it was is erased. No value, no account, no usage
 * point but by the pseudonym this recipient knows it by; strict, so that no item can say more.
 */
export const NOTICE_ITEM = z.discriminatedUnion('type', [
  z.strictObject({
    ...SAID,
    type: z.literal(NOTICE_TYPE.dataAvailable),
    usagePoint: z.string().min(1).describe('as this recipient knows it'),
  }),
  z.strictObject({
    ...SAID,
    type: z.literal(NOTICE_TYPE.consentChanged),
    change: z.enum(['granted', 'narrowed', 'revoked', 'expired']),
  }),
  z.strictObject({
    ...SAID,
    type: z.literal(NOTICE_TYPE.subjectErased),
    usagePoints: z.array(z.string().min(1)).min(1).describe('names this recipient knows the premises by, those of each year'),
  }),
]);

export type NoticeItem = z.infer<typeof NOTICE_ITEM>;
