import type { ProblemName } from '../api/problems.ts';
import { PUBLIC } from '../topology/route.ts';
import type { ApiRoute } from '../topology/routes.ts';

const ANY: readonly ProblemName[] = ['request-invalid', 'not-found', 'too-many-requests', 'internal', 'unavailable'];
const OF_CALLERS: readonly ProblemName[] = ['unauthenticated', 'forbidden'];
const OF_BODIES: readonly ProblemName[] = ['body-too-large', 'media-type'];
const OF_VERSIONS: readonly ProblemName[] = [
  ...(['precondition-required', 'changed-meanwhile', 'key-reused', 'edit-invalid', 'method-unfit'] as const),
  ...(['slot-billable', 'nothing-to-accept', 'second-person'] as const),
];
const OF_CONSENTS: readonly ProblemName[] = [
  ...(['token-invalid', 'certificate-mismatch', 'consent-missing', 'consent-expired', 'consent-revoked', 'premises-not-granted'] as const),
  ...(['resolution-exceeds-purpose', 'resolution-exceeds-consent', 'window-exceeds-consent', 'data-class-not-granted'] as const),
  'not-acceptable',
];
/** What one route alone is refused with. */
const OWN: Readonly<Record<string, readonly ProblemName[]>> = {
  answerConsent: ['question-changed', 'consent-ended'],
  exportSubscription: ['sealing-key-missing'],
};

/** Causes of the refusals of a route, from what the route is. */
export function problemsOf({
  name,
  roles,
  changes,
  path,
  schemas,
  recentSignInMinutes,
  function: served,
}: ApiRoute): readonly ProblemName[] {
  const found = new Set<ProblemName>([
    ...ANY,
    ...(roles.includes(PUBLIC) ? [] : OF_CALLERS),
    ...(schemas.body === 'NoBody' ? [] : OF_BODIES),
    ...(changes === 'versioned' ? OF_VERSIONS : []),
    ...(served === 'third-party-api' && path.includes('{subscription}') ? OF_CONSENTS : []),
    ...(recentSignInMinutes === undefined ? [] : (['sign-in-too-old'] as const)),
    ...(OWN[name] ?? []),
  ]);
  return [...found].sort();
}
