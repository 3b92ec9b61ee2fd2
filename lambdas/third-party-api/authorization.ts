import type { APIGatewayProxyResult } from 'aws-lambda';
import type { GrantedConsent } from '../../domain/consent/consent-state.ts';

/** What a recipient may know of a consent: what it covers, until when, and where its data is. Never whose it is. */
export function authorizationOf(
  { consentId, status, from, until, expiresAt, at, purpose, resolution, dataClasses }: GrantedConsent,
  scope: string,
  { resource, now }: { readonly resource: string; readonly now: number },
): APIGatewayProxyResult {
  const isActive = status === 'granted' && now < expiresAt;
  const body = {
    authorizedPeriod: periodOf(at, expiresAt),
    publishedPeriod: periodOf(from, until),
    // ESPI: 0 revoked, 1 active.
    status: isActive ? 1 : 0,
    state: isActive ? 'active' : status === 'granted' ? 'expired' : status,
    expires_at: Math.floor(expiresAt / 1000),
    scope,
    ...{ purpose, resolution, dataClasses },
    token_type: 'Bearer',
    resourceURI: `${resource}/Batch/Subscription/${consentId}`,
    authorizationURI: `${resource}/Authorization/${consentId}`,
  };
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function periodOf(from: number, until: number): { readonly start: number; readonly duration: number } {
  return { start: Math.floor(from / 1000), duration: Math.floor((until - from) / 1000) };
}
