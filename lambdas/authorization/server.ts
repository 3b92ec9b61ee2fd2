import { createHash, X509Certificate } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { consentDecider } from '../../domain/consent/consent.ts';
import { BearerStore } from '../../platform/ports/bearer-store.ts';
import type { Clock, Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { consentStream } from '../consent/consent-stream.ts';
import { Consents } from '../consent/consents.ts';
import { type Doorsteps, deployedDoors } from '../http/deployed-doors.ts';
import { findRecipient, maySpeak } from '../shared/feeds/recipients.ts';
import { foldStream } from '../shared/streams.ts';
import { serveEvent } from './bridge.ts';
import type { answerConsenting, toPortal } from './consenting.ts';
import { metadataOf } from './metadata.ts';
import type { AuthorizationParts } from './parts.ts';

export interface ServerOptions {
  /** Asked for when they are open; default those of the deployed service. */
  readonly doors?: () => Doorsteps;
  /** That browsers and sign-ins go by; default the platform's. */
  readonly wall?: Clock;
}

interface Made extends AuthorizationParts {
  readonly listener: RequestListener;
  readonly doors: Doorsteps;
  readonly consenting: { readonly answerConsenting: typeof answerConsenting; readonly toPortal: typeof toPortal };
}

/** Routes that a third party calls with its certificate. */
const BY_CERTIFICATE: ReadonlySet<string> = new Set(['/oauth/par', '/oauth/token', '/oauth/revoke']);

/** Where the browser is sent with a question, and what the portal asks for under it. */
const CONSENT = '/oauth/consent/{uid}';

/** The authorization server on a platform. It is made at the first request: before, nobody knows where the doors are. */
export class AuthorizationServer {
  readonly #platform: Platform;
  readonly #defences: Defences;
  readonly #options: Required<ServerOptions>;
  #made: Promise<Made> | undefined;

  constructor(platform: Platform, defences: Defences, { doors = deployedDoors, wall = platform.clock }: ServerOptions) {
    this.#platform = platform;
    this.#defences = defences;
    this.#options = { doors, wall };
  }

  async answer(event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> {
    this.#made ??= this.#make();
    const parts = await this.#made;
    if (event.resource === '/.well-known/oauth-authorization-server') return metadataOf(parts.doors);
    if (event.resource.startsWith(CONSENT)) {
      const { answerConsenting, toPortal } = parts.consenting;
      const isPage = event.resource === CONSENT && event.httpMethod === 'GET';
      return isPage ? toPortal(event.pathParameters?.['uid'] ?? '') : await answerConsenting({ log: this.#platform.log, parts, event });
    }
    if (BY_CERTIFICATE.has(event.resource) && !(await this.#isClient(event))) return invalidClient();
    const answer = await serveEvent(parts.listener, event, parts);
    return event.resource === '/oauth/token' && answer.statusCode === 200 ? await this.#withPlaces(answer, parts.resource) : answer;
  }

  /** Says with a token where its data is. @source Green Button Connect My Data: resourceURI, authorizationURI */
  async #withPlaces(answer: APIGatewayProxyResult, resource: string): Promise<APIGatewayProxyResult> {
    const body = JSON.parse(answer.body) as { readonly access_token: string };
    const consentId = (await new BearerStore(this.#platform).find('AccessToken', body.access_token))?.['accountId'];
    const places = {
      resourceURI: `${resource}/Batch/Subscription/${consentId}`,
      authorizationURI: `${resource}/Authorization/${consentId}`,
    };
    return { ...answer, body: JSON.stringify({ ...body, ...places }) };
  }

  /** Who shows a certificate speaks for the client it names, as long as the register says so. */
  async #isClient({ requestContext }: APIGatewayProxyEvent): Promise<boolean> {
    const pem = requestContext.identity.clientCert?.clientCertPem;
    const { person } = (requestContext.authorizer ?? {}) as { person?: unknown };
    if (pem === undefined || typeof person !== 'string') return false;
    const fingerprint = createHash('sha256').update(new X509Certificate(pem).raw).digest('hex');
    return maySpeak(await findRecipient(this.#platform.events, person), fingerprint);
  }

  async #make(): Promise<Made> {
    // The library is large: who starts a service, or looks at one, need not wait for it.
    const [{ makeProvider }, consenting] = await Promise.all([import('./provider.ts'), import('./consenting.ts')]);
    const { kms, events, clock } = this.#platform;
    const { wall } = this.#options;
    const doors = this.#options.doors();
    const resource = `${doors.thirdParty}/espi/1_1/resource`;
    const cookieKey = (await kms.generateMac('token', Buffer.from('cookies of the authorization server'))).toString('base64url');
    const provider = makeProvider({
      ...{ issuer: doors.customer, resource, store: new BearerStore(this.#platform), cookieKeys: [cookieKey], defences: this.#defences },
      findClient: async (clientId) => clientOf(await findRecipient(events, clientId)),
      isGranted: (consentId, clientId) => this.#isGranted(consentId, clientId),
    });
    const made: AuthorizationParts = {
      ...{ provider, host: new URL(doors.customer).host, resource, clock, wall, defences: this.#defences },
      recipients: (recipientId) => findRecipient(events, recipientId),
      consents: new Consents(this.#platform, this.#defences),
    };
    return { ...made, listener: provider.callback(), doors, consenting };
  }

  async #isGranted(consentId: string, clientId: string): Promise<boolean> {
    const { events, clock } = this.#platform;
    const { state } = await foldStream(events, consentStream(consentId), consentDecider(this.#defences));
    if (!this.#defences.consentAtDelivery) return true;
    return state.status === 'granted' && state.recipient === clientId && clock.now() < state.expiresAt;
  }
}

function clientOf(registered: Awaited<ReturnType<typeof findRecipient>>): Readonly<Record<string, unknown>> | undefined {
  if (registered?.status !== 'active') return undefined;
  const { recipientId, name, redirectUris } = registered;
  return {
    client_id: recipientId,
    client_name: name,
    redirect_uris: [...redirectUris],
    tls_client_auth_subject_dn: `CN=${recipientId}`,
    tls_client_certificate_bound_access_tokens: true,
  };
}

function invalidClient(): APIGatewayProxyResult {
  const body = JSON.stringify({ error: 'invalid_client', error_description: 'client authentication failed' });
  return { statusCode: 401, headers: { 'content-type': 'application/json' }, body };
}
