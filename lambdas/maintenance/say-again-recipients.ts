import { delivery } from '../../domain/delivery/delivery.ts';
import { type RecipientCommand, recipient } from '../../domain/recipient/recipient.ts';
import type { DomainEvent } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { recipientStream } from '../shared/feeds/recipients.ts';
import type { DeliveryWord, RecipientWord, WebhookWord } from '../shared/kept-words.ts';
import { runDecider } from '../shared/streams.ts';
import { lastSaid, newest } from './last-said.ts';

const DELIVERIES = 'delivery/';

/**
 * What was taken from a third party since the backup, or took the place of what was: suspended, certificates withdrawn, another key, another address. A word is for what
 * the stream knew when it was said; what was given after it stays, and by a word alone nobody goes on. @returns how many events it took
 */
export async function sayOfRecipient(
  { events }: Pick<Platform, 'events'>,
  id: string,
  words: readonly (RecipientWord | WebhookWord)[],
): Promise<number> {
  const stream = recipientStream(id);
  const known = await lastSaid(events, stream, subjectOfRecipient);
  const commands = [...newest(words, ({ said, ...word }) => ('fingerprint' in word ? word.fingerprint : (SUBJECT[said] ?? said)))].flatMap(
    ([subject, word]): readonly RecipientCommand[] => (word.at >= (known.get(subject) ?? Number.POSITIVE_INFINITY) ? commandOf(word) : []),
  );
  if (commands.length === 0) return 0;
  return (await runDecider(events, stream, recipient, commands)).events.length;
}

/** Where a feed was pushed last, or that it was to be no more, where the backup has it pushed. @param place `<recipient>/<feed>` @returns how many events it took */
export async function sayOfDelivery({ events }: Pick<Platform, 'events'>, place: string, words: readonly DeliveryWord[]): Promise<number> {
  const stream = DELIVERIES + place;
  const known = await lastSaid(events, stream, ({ type }) => (type === 'EndpointSet' || type === 'EndpointEnded' ? 'endpoint' : undefined));
  const word = newest(words, () => 'endpoint').get('endpoint');
  if (word === undefined || word.at < (known.get('endpoint') ?? Number.POSITIVE_INFINITY)) return 0;
  const { said, ...data } = word;
  const command = { type: said === 'set' ? 'SetEndpoint' : 'EndEndpoint', ...data } as Parameters<typeof delivery.decide>[0];
  return (await runDecider(events, stream, delivery, command)).events.length;
}

/** What of a registration a word or an event is about, besides certificates, which stand each for themselves. */
const SUBJECT: Readonly<Partial<Record<(RecipientWord | WebhookWord)['said'], string>>> = { suspended: 'standing', resumed: 'standing' };

function subjectOfRecipient(event: DomainEvent): string | undefined {
  switch (event.type) {
    case 'RecipientRegistered':
    case 'RecipientSuspended':
    case 'RecipientResumed':
      return 'standing';
    case 'CertificateAdded':
    case 'CertificateWithdrawn':
      return event.data.fingerprint;
    case 'WebhookSet':
      return 'webhook';
    case 'SealingKeySet':
      return 'sealing-key';
    default:
      return undefined;
  }
}

function commandOf({ said, ...data }: RecipientWord | WebhookWord): readonly RecipientCommand[] {
  switch (said) {
    case 'suspended':
      return [{ type: 'SuspendRecipient', ...data } as RecipientCommand];
    case 'withdrawn':
      return [{ type: 'WithdrawCertificate', ...data } as RecipientCommand];
    case 'webhook':
      return [{ type: 'SetWebhook', ...data } as RecipientCommand];
    case 'sealing-key':
      return [{ type: 'SetSealingKey', ...data } as RecipientCommand];
    case 'resumed':
      return [];
  }
}
