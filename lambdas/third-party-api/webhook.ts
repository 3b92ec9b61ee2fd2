import { X509Certificate } from 'node:crypto';
import type { DeliveryStanding } from '../../api/billing-feed.ts';
import type { Webhook } from '../../api/third-party.ts';
import type { KnownRecipient } from '../../domain/recipient/recipient.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { askReplay, deliveryState, endEndpoint, setEndpoint } from '../deliver/endpoints.ts';
import type { Answer } from '../http/answers.ts';
import { partyFeed } from '../shared/feeds/feed-names.ts';
import { changeRecipient } from '../shared/feeds/recipients.ts';

export function webhookOf({ endpoint }: KnownRecipient): Answer {
  const { url = '', types = [], ca } = endpoint ?? {};
  const body: Webhook = { url, types: [...types], ...(ca === undefined ? {} : { ca }) };
  return { body };
}

/**
 * Where the recipient's feed is pushed to from now on; nowhere, where it wants no type.
 * @throws ERR_RECIPIENT_INVALID
 */
export async function setWebhook(platform: Platform, { recipientId }: KnownRecipient, { url, types, ca }: Webhook): Promise<Answer> {
  if (ca !== undefined && !isCertificate(ca)) throw new JoulekeepError('ERR_RECIPIENT_INVALID', 'an authority is one certificate in PEM');
  const authority = ca === undefined ? {} : { ca };
  const at = platform.clock.now();
  const changed = await changeRecipient(platform, recipientId, { type: 'SetWebhook', url, types, ...authority, at });
  const endpoint = { recipient: recipientId, feed: partyFeed(recipientId) };
  if (types.length > 0) await setEndpoint(platform, { ...endpoint, url, ...authority }, recipientId);
  else if ((await deliveryState(platform, endpoint)).status === 'open')
    await endEndpoint(platform, endpoint, 'no-type-wanted', recipientId);
  return webhookOf(changed);
}

/** Pushes everything behind a sequence again, each item by what consents say then. @throws ERR_DELIVERY_UNSET, ERR_REPLAY_AHEAD */
export async function replayNotices(platform: Platform, { recipientId }: KnownRecipient, after: number): Promise<Answer> {
  const { through, setAside } = await askReplay(platform, { recipient: recipientId, feed: partyFeed(recipientId) }, after, recipientId);
  return { body: { through, setAside: setAside.map(({ from, through: last }) => ({ from, through: last })) } satisfies DeliveryStanding };
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca;
  } catch {
    return false;
  }
}
