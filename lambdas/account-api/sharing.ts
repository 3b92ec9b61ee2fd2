import type { SharingHistory, SharingList, SharingReceipt } from '../../api/customer-account.ts';
import type { GrantedConsent } from '../../domain/consent/consent-state.ts';
import { PURPOSES } from '../../domain/consent/purposes.ts';
import { consentStream } from '../consent/consent-stream.ts';
import { type DisclosureEntry, disclosureHistory } from '../consent/disclosure-history.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { instant, instantOrNull } from '../http/instants.ts';
import { readBackwards } from '../shared/backwards.ts';
import { findRecipient } from '../shared/feeds/recipients.ts';
import { type AccountDesk, notOwn } from './account-desk.ts';

/** What the caller allows and allowed, newest first, with how often it was made use of. */
export async function listSharing(desk: AccountDesk, { caller }: Call<'listSharing'>): Promise<Answer> {
  const consents = await desk.consents.list(caller.person);
  const sharing = await Promise.all(consents.map((consent) => arrangementOf(desk, consent)));
  return { body: { sharing } satisfies SharingList };
}

/** @throws ERR_CONSENT_UNKNOWN, for another customer's as for none */
export async function showSharing(desk: AccountDesk, { caller, path }: Call<'showSharing'>): Promise<Answer> {
  const entries = await disclosureHistory(desk, desk.consents, caller.person, path.consent);
  return { body: { consent: path.consent, deliveries: entries.map(deliveryOf) } satisfies SharingHistory };
}

/** Ends a consent, and says where that is on record. Of one that had ended, how it did. @throws ERR_CONSENT_UNKNOWN as above */
export async function endSharing(desk: AccountDesk, { caller, path }: Call<'endSharing'>): Promise<Answer> {
  await desk.consents.revoke({ account: caller.person }, path.consent);
  const { recipient } = await desk.consents.of(caller.person, path.consent);
  for await (const { events, head } of readBackwards(desk.events, consentStream(path.consent)))
    for (const { type, data } of events) {
      if (type !== 'ConsentRevoked' && type !== 'ConsentExpired') continue;
      const receipt = { endedAt: instant(data.at), version: head.version, hash: head.hash.toString('hex') };
      return { body: { consent: path.consent, recipient: await named(desk, recipient), ...receipt } satisfies SharingReceipt };
    }
  throw notOwn();
}

async function arrangementOf(desk: AccountDesk, consent: GrantedConsent): Promise<SharingList['sharing'][number]> {
  const { consentId, recipient, purpose, dataClasses, resolution, from, until, expiresAt, at, accesses, lastAccessAt } = consent;
  // Whoever asks after the time of a consent finds it ended, marked or not.
  const isOver = consent.status === 'granted' && desk.clock.now() >= expiresAt;
  const endedAt = isOver ? expiresAt : consent.endedAt;
  return {
    ...{ consent: consentId, recipient: await named(desk, recipient), purpose, purposeText: PURPOSES[purpose].text },
    ...{ dataClasses: [...dataClasses], resolution, from: instant(from), until: instant(until), expiresAt: instant(expiresAt) },
    status: isOver ? 'expired' : consent.status,
    ...{ grantedAt: instant(at), endedAt: instantOrNull(endedAt) },
    ...{ lastAccessAt: instantOrNull(lastAccessAt), accesses },
  };
}

function deliveryOf(entry: DisclosureEntry): SharingHistory['deliveries'][number] {
  const { outcome, at, resolution, from, until } = entry;
  const window = { at: instant(at), outcome, resolution, from: instant(from), until: instant(until) };
  if (entry.outcome === 'refused') return { ...window, dataClasses: [], rows: null, hash: null, reason: entry.why };
  return { ...window, dataClasses: [...entry.dataClasses], rows: entry.rows, hash: entry.hash, reason: null };
}

/** A third party that is no longer known keeps its id. */
async function named({ events }: AccountDesk, id: string): Promise<{ readonly id: string; readonly name: string }> {
  return { id, name: (await findRecipient(events, id))?.name ?? id };
}
