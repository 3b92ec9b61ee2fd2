import type { ConsentDataClass, DataResolution, DisclosureRefusal } from '../../events/index.ts';
import type { ConsentState } from './consent-state.ts';
import { isFiner, servesPurpose } from './purposes.ts';

/** What a recipient wants, or is about to be sent. UTC ms. */
export interface DisclosureRequest {
  readonly recipient: string;
  readonly dataClasses: readonly ConsentDataClass[];
  readonly resolution: DataResolution;
  readonly from: number;
  readonly until: number;
  /** Those whose data it is. */
  readonly usagePoints: readonly string[];
}

/** Mechanisms that the decision rests on; all are on but where a test proves that they work. */
export interface ConsentRules {
  /** A consent is what it is when data leaves; else what it was when it was granted. */
  readonly consentAtDelivery: boolean;
  /** No purpose gets data finer than it needs. */
  readonly purposeResolution: boolean;
}

/**
 * Whether a consent, as it stands at this moment, covers a disclosure. To anybody but its recipient a consent is missing: who asks
 * learns nothing of what others may.
 * @param now UTC ms
 */
export function covers(state: ConsentState, request: DisclosureRequest, now: number, rules: ConsentRules): 'allowed' | DisclosureRefusal {
  if (state.status === 'unknown' || state.status === 'requested' || state.recipient !== request.recipient) return 'consent-missing';
  if (rules.consentAtDelivery) {
    if (state.status === 'revoked') return 'consent-revoked';
    if (state.status === 'expired' || now >= state.expiresAt) return 'consent-expired';
  }
  if (rules.purposeResolution) {
    if (!servesPurpose(state.purpose, request.resolution)) return 'resolution-exceeds-purpose';
    if (isFiner(request.resolution, state.resolution)) return 'resolution-exceeds-consent';
  }
  if (!(request.from < request.until) || request.from < state.from || request.until > state.until) return 'window-exceeds-consent';
  if (!isWithin(request.dataClasses, state.dataClasses)) return 'data-class-not-granted';
  return isWithin(request.usagePoints, state.usagePoints) ? 'allowed' : 'premises-not-granted';
}

/** Nothing at all is not within anything: who wants data says of what. */
export function isWithin<T>(wanted: readonly T[], granted: readonly T[]): boolean {
  return wanted.length > 0 && wanted.every((one) => granted.includes(one));
}
