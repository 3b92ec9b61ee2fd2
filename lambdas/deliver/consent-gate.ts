import { NOTICE_ITEM, NOTICE_TYPE, type NoticeItem } from '../../events/catalogue/third-party-feed.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { parseJws } from '../../protocol/jws.ts';
import type { Defences } from '../../topology/defences.ts';
import { partyFeed } from '../shared/feeds/feed-names.ts';
import { findRecipient } from '../shared/feeds/recipients.ts';
import { Disclosures } from '../third-party/disclosure.ts';
import { CLOSED_GATES, type DeliveryGates, type MayDeliver } from './gate.ts';

/**
 * The gates with consents asked: a third party is told of data as long as the consent covers it when the notice leaves, and of what became of
 * a consent of its own in any case. What it did not ask for, and what is another's, is dropped.
 * @source X.1332 9.3
 */
export function consentGates(platform: Platform, defences: Defences): DeliveryGates {
  const disclosures = new Disclosures(platform, defences);
  const mayNotify: MayDeliver = async (recipient, { feed, seq, item }) => {
    if (feed !== partyFeed(recipient)) return { drop: 'not-its-feed' };
    const notice = noticeOf(item);
    if (notice === undefined) return { drop: 'not-a-notice' };
    const registered = await findRecipient(platform.events, recipient);
    if (registered?.status !== 'active') return { drop: 'recipient-not-active' };
    if (!registered.endpoint?.types.includes(notice.type)) return { drop: 'type-not-wanted' };
    if (notice.type === NOTICE_TYPE.consentChanged) return 'deliver';
    // That there is something is said at the coarsest resolution: what it may be read at is decided when it is.
    const { subscription: consentId, window } = notice;
    const decision = await disclosures.mayDeliver({ recipient, consentId, window, resolution: 'month', requestId: `${feed}/${seq}` });
    return decision === 'deliver' ? decision : { drop: decision };
  };
  return { ...CLOSED_GATES, 'third-party': mayNotify };
}

/** What our own feed says: its signature is for those who receive it. */
function noticeOf(item: unknown): NoticeItem | undefined {
  const jws = typeof item === 'string' ? parseJws(item) : undefined;
  if (jws === undefined || 'fault' in jws) return undefined;
  const parsed = NOTICE_ITEM.safeParse(JSON.parse(jws.payload.toString('utf8')));
  return parsed.success ? parsed.data : undefined;
}
