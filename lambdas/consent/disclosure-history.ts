import type { DataDisclosed, DisclosureRefused, DomainEvent } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { readBackwards } from '../shared/backwards.ts';
import { consentStream } from './consent-stream.ts';
import type { Consents } from './consents.ts';

/** What became of the customer's data under one consent, newest first. */
export type DisclosureEntry =
  | ({ readonly consentId: string; readonly outcome: 'disclosed' } & DataDisclosed)
  | ({ readonly consentId: string; readonly outcome: 'refused' } & DisclosureRefused);

/** The newest of all; of each consent no more are read. */
const MOST = 1_000;

/**
 * Who got, or tried to get, the customer's data by consent: recipient, window, resolution, rows and the hash of what left.
 * @param consentId of one consent; of all of the customer's where absent
 * @throws ERR_CONSENT_UNKNOWN for another customer's
 */
export async function disclosureHistory(
  { events }: Platform,
  consents: Consents,
  account: string,
  consentId?: string,
): Promise<readonly DisclosureEntry[]> {
  const own = consentId === undefined ? await consents.list(account) : [await consents.of(account, consentId)];
  const found: DisclosureEntry[] = [];
  for (const { consentId: id } of own) {
    let left = MOST;
    for await (const commit of readBackwards(events, consentStream(id))) {
      const entries = commit.events.flatMap((event) => entryOf(id, event));
      found.push(...entries);
      left -= entries.length;
      if (left <= 0) break;
    }
  }
  return found.sort((one, other) => other.at - one.at).slice(0, MOST);
}

function entryOf(consentId: string, { type, data }: DomainEvent): readonly DisclosureEntry[] {
  if (type === 'DataDisclosed') return [{ consentId, outcome: 'disclosed', ...data }];
  return type === 'DisclosureRefused' ? [{ consentId, outcome: 'refused', ...data }] : [];
}
