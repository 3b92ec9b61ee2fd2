import type { Provider } from 'oidc-provider';
import type { KnownRecipient } from '../../domain/recipient/recipient.ts';
import type { Clock } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import type { Consents } from '../consent/consents.ts';

/** What the answers of the authorization server are made with. */
export interface AuthorizationParts {
  readonly provider: Provider;
  /** Host of the issuer. */
  readonly host: string;
  /** Address of the third parties' API. */
  readonly resource: string;
  readonly clock: Clock;
  /** That browsers and sign-ins go by; the same, but for a platform that plays another time. */
  readonly wall: Clock;
  readonly defences: Pick<Defences, 'purposeResolution' | 'recentSignIn'>;
  readonly recipients: (recipientId: string) => Promise<KnownRecipient | undefined>;
  readonly consents: Pick<Consents, 'grant'>;
}
