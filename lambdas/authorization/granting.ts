import { type AccountState, account as accountDecider } from '../../domain/account/account.ts';
import { consentDecider } from '../../domain/consent/consent.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { foldStream, runDecider } from '../shared/streams.ts';
import type { WantedConsent } from './parts.ts';

/**
 * Records what a customer agreed to, for the usage points they have now.
 * @throws ERR_CONSENT_INVALID for an account without one, and as the consent's decider does
 */
export async function grantConsent({ events }: Platform, defences: Defences, wanted: WantedConsent): Promise<void> {
  const { state } = await foldStream(events, `account/${wanted.account}`, accountDecider);
  const usagePoints = lastingPoints(state, wanted.at);
  if (usagePoints.length === 0) throw new JoulekeepError('ERR_CONSENT_INVALID', 'the account has no usage point');
  await runDecider(events, `consent/${wanted.consentId}`, consentDecider(defences), { type: 'GrantConsent', ...wanted, usagePoints });
}

function lastingPoints(state: AccountState, at: number): readonly string[] {
  if (state.status !== 'open') return [];
  const lasting = Object.entries(state.tenancies).filter(([, spans]) =>
    spans.some((span) => span.from <= at && at < (span.until ?? Infinity)),
  );
  return lasting.map(([usagePoint]) => usagePoint);
}
