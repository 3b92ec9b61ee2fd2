import { type KnownRecipient, type RecipientCommand, recipient } from '../../../domain/recipient/recipient.ts';
import type { EventStore } from '../../../platform/ports/event-store.ts';
import type { Platform } from '../../../platform/ports/platform.ts';
import { keepWord, type RecipientWord, type WebhookWord } from '../kept-words.ts';
import { foldStream, runDecider } from '../streams.ts';

/** A third party as it is registered; undefined where there is none of this id. */
export async function findRecipient(events: EventStore, recipientId: string): Promise<KnownRecipient | undefined> {
  if (!/^[a-z0-9-]{1,63}$/.test(recipientId)) return undefined;
  const { state } = await foldStream(events, recipientStream(recipientId), recipient);
  return state.status === 'unknown' ? undefined : state;
}

/** Whether a certificate, by its SHA-256 in hex, may speak for a third party that is not suspended. */
export function maySpeak(registered: KnownRecipient | undefined, fingerprint: string): registered is KnownRecipient {
  return registered?.status === 'active' && registered.certificates.includes(fingerprint);
}

/**
 * Changes a registration; what takes something away is kept beside the stream as well, so that no restore gives it back.
 * @throws ERR_RECIPIENT_INVALID, ERR_RECIPIENT_TAKEN, ERR_RECIPIENT_UNKNOWN
 */
export async function changeRecipient(
  platform: Pick<Platform, 'events' | 'keys' | 'clock'>,
  recipientId: string,
  command: RecipientCommand,
): Promise<KnownRecipient> {
  const word = wordOf(command);
  // First: where the process ends in between, what was to end has ended for any restore. What is refused, or so already, is no word.
  const before = async () => {
    if (word !== undefined && word.said !== 'resumed') await keep(platform, recipientId, word);
  };
  const { state } = await runDecider(platform.events, recipientStream(recipientId), recipient, command, undefined, { before });
  if (word?.said === 'resumed') await keep(platform, recipientId, word);
  return state as KnownRecipient;
}

async function keep(keeper: Pick<Platform, 'keys' | 'clock'>, recipientId: string, word: RecipientWord | WebhookWord): Promise<void> {
  if (word.said === 'webhook') await keepWord(keeper, 'webhook', recipientId, word);
  else await keepWord(keeper, 'recipient', recipientId, word);
}

export function recipientStream(recipientId: string): string {
  return `recipient/${recipientId}`;
}

/** undefined for what takes nothing away. */
function wordOf(command: RecipientCommand): RecipientWord | WebhookWord | undefined {
  switch (command.type) {
    case 'SuspendRecipient':
      return { said: 'suspended', reason: command.reason, at: command.at };
    case 'ResumeRecipient':
      return { said: 'resumed', at: command.at };
    case 'WithdrawCertificate':
      return { said: 'withdrawn', fingerprint: command.fingerprint, at: command.at };
    case 'SetWebhook': {
      const { type: _, ...set } = command;
      return { said: 'webhook', ...set };
    }
    case 'SetSealingKey':
      return { said: 'sealing-key', spki: command.spki, at: command.at };
    default:
      return undefined;
  }
}
