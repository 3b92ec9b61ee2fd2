import { type KnownRecipient, type RecipientCommand, recipient } from '../../../domain/recipient/recipient.ts';
import type { EventStore } from '../../../platform/ports/event-store.ts';
import { foldStream, runDecider } from '../streams.ts';

/** A third party as it is registered; undefined where there is none of this id. */
export async function findRecipient(events: EventStore, recipientId: string): Promise<KnownRecipient | undefined> {
  if (!/^[a-z0-9-]{1,63}$/.test(recipientId)) return undefined;
  const { state } = await foldStream(events, streamOf(recipientId), recipient);
  return state.status === 'unknown' ? undefined : state;
}

/** Whether a certificate, by its SHA-256 in hex, may speak for a third party that is not suspended. */
export function maySpeak(registered: KnownRecipient | undefined, fingerprint: string): registered is KnownRecipient {
  return registered?.status === 'active' && registered.certificates.includes(fingerprint);
}

/** @throws ERR_RECIPIENT_INVALID, ERR_RECIPIENT_TAKEN, ERR_RECIPIENT_UNKNOWN */
export async function changeRecipient(
  events: EventStore,
  recipientId: string,
  commands: RecipientCommand | readonly RecipientCommand[],
): Promise<KnownRecipient> {
  const { state } = await runDecider(events, streamOf(recipientId), recipient, commands);
  return state as KnownRecipient;
}

function streamOf(recipientId: string): string {
  return `recipient/${recipientId}`;
}
