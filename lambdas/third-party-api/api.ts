import { createHash, X509Certificate } from 'node:crypto';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { BillingReplay } from '../../api/billing-feed.ts';
import type { ProblemName } from '../../api/problems.ts';
import type { Application, PullQuery, Webhook } from '../../api/third-party.ts';
import type { KnownRecipient } from '../../domain/recipient/recipient.ts';
import { codeOf } from '../../events/errors.ts';
import type { ConsentDataClass } from '../../events/index.ts';
import { BearerStore } from '../../platform/ports/bearer-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import type { ROUTES, RouteName } from '../../topology/routes.ts';
import { type Answer, answerProblem, answerWith, problemOfError, wordsOfError } from '../http/answers.ts';
import { type Call, readCall } from '../http/call.ts';
import type { Doorsteps } from '../http/deployed-doors.ts';
import { formOf, representPage, tagOf, unchanged } from '../http/usage-page.ts';
import { findRecipient, maySpeak } from '../shared/feeds/recipients.ts';
import { signingKeys } from '../shared/feeds/signing-keys.ts';
import { Disclosures } from '../third-party/disclosure.ts';
import { authorizationOf } from './authorization.ts';
import { exportSubscription } from './export.ts';
import { consentOf, pullPage } from './pull.ts';
import { RecipientRates } from './rates.ts';
import { type Bearing, bearingOf } from './token.ts';
import { replayNotices, setWebhook, webhookOf } from './webhook.ts';

type PartyRoute = Extract<(typeof ROUTES)[number], { readonly function: 'third-party-api' }>['name'];

/** Of notices and exports, and of what is pushed. */
const SIGNING_KEYS = ['third-party-feed', 'webhook'] as const;

/** A request by whom it comes from. */
interface Asked {
  readonly event: APIGatewayProxyEvent;
  readonly call: Call<RouteName>;
  readonly recipient: KnownRecipient;
  readonly certificate: Buffer;
}

/** What a refusal says. */
interface Refusal {
  readonly refused: ProblemName;
}

/** The resources behind the third parties' door. @source X.1332 9.3, 10.3; NAESB REQ.21 ESPI 4.0 */
export class ThirdPartyApi {
  readonly #platform: Platform;
  readonly #defences: Defences;
  readonly #doors: () => Doorsteps;
  readonly #disclosures: Disclosures;
  readonly #store: BearerStore;
  readonly #rates: RecipientRates;

  constructor(platform: Platform, defences: Defences, doors: () => Doorsteps) {
    this.#platform = platform;
    this.#defences = defences;
    this.#doors = doors;
    this.#disclosures = new Disclosures(platform, defences);
    this.#store = new BearerStore(platform);
    this.#rates = new RecipientRates(platform.clock);
  }

  /** Answers one request. What is refused is a problem of a type of its own; more than that goes to the log alone. */
  async answer(event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> {
    const { requestId } = event.requestContext;
    const call = readCall(event);
    if ('refused' in call) return answerProblem(call.refused, requestId, { faults: call.faults });
    const certificate = certificateOf(event);
    const recipient = await findRecipient(this.#platform.events, call.caller.person);
    if (certificate === undefined || !maySpeak(recipient, fingerprintOf(certificate)))
      return this.#refuse(requestId, { refused: 'unauthenticated' });
    const rated = this.#rates.take(recipient.recipientId);
    const isSlow = this.#defences.rateLimits && !rated.allowed;
    const answer = isSlow
      ? this.#refuse(requestId, { refused: 'too-many-requests' })
      : await this.#answerAsked({ event, call, recipient, certificate }).catch((error: unknown) => this.#failed(requestId, error));
    return { ...answer, headers: { ...answer.headers, ...rated.headers } };
  }

  async #answerAsked(asked: Asked): Promise<APIGatewayProxyResult> {
    const { call, recipient } = asked;
    switch (call.name as PartyRoute) {
      case 'showApplication':
        return answerWith(applicationOf(recipient));
      case 'showWebhook':
        return answerWith(webhookOf(recipient));
      case 'setWebhook':
        return answerWith(await setWebhook(this.#platform, recipient, call.body as Webhook));
      case 'replayNotices':
        return answerWith(await replayNotices(this.#platform, recipient, (call.body as BillingReplay).after));
      case 'listSigningKeys':
        return answerWith({ body: await signingKeys(this.#platform.kms, SIGNING_KEYS) });
      case 'exportSubscription':
        return await this.#borne(asked, (bearing) => this.#export(asked, bearing));
      case 'showAuthorization':
        return await this.#borne(asked, (bearing) => this.#showAuthorization(asked, bearing));
      default:
        return await this.#borne(asked, (bearing) => this.#pull(asked, bearing));
    }
  }

  /** Goes on for who bears a token for this very subscription. */
  async #borne(
    { event, call, recipient, certificate }: Asked,
    goOn: (bearing: Bearing) => Promise<APIGatewayProxyResult>,
  ): Promise<APIGatewayProxyResult> {
    const { requestId } = event.requestContext;
    const shown = { caller: recipient.recipientId, certificate };
    const bearing = await bearingOf(this.#store, headerOf(event, 'authorization'), shown, this.#defences);
    if ('refused' in bearing) return this.#refuse(requestId, bearing);
    const { subscription } = call.path as { readonly subscription: string };
    return subscription === bearing.consentId ? await goOn(bearing) : this.#refuse(requestId, { refused: 'consent-missing' });
  }

  async #pull({ event, call }: Asked, bearing: Bearing): Promise<APIGatewayProxyResult> {
    const { requestId } = event.requestContext;
    const form = formOf(headerOf(event, 'accept'));
    if (form === undefined) return this.#refuse(requestId, { refused: 'not-acceptable' });
    const { point, reading } = call.path as { readonly point?: string; readonly reading?: string };
    const query = call.query as PullQuery;
    const pulled = await pullPage(this.#platform.events, this.#disclosures, {
      ...{ bearing, query, requestId },
      ...(point !== undefined && { point }),
      ...(reading !== undefined && { reading: classOf(reading) }),
    });
    if ('refused' in pulled) return this.#refuse(requestId, pulled);
    const { page, series } = pulled;
    const next = page.next === undefined ? {} : { next: this.#nextOf(event, page.next) };
    const terms = { base: this.#baseOf(bearing.consentId), hash: page.hash, now: this.#platform.clock.now(), ...next };
    const etag = tagOf(form, terms);
    return headerOf(event, 'if-none-match') === etag ? unchanged(etag) : representPage(form, series, terms);
  }

  async #showAuthorization({ event }: Asked, { consentId, recipient, scope }: Bearing): Promise<APIGatewayProxyResult> {
    const consent = await consentOf(this.#platform.events, consentId);
    if (consent?.recipient !== recipient) return this.#refuse(event.requestContext.requestId, { refused: 'consent-missing' });
    return authorizationOf(consent, scope, { resource: this.#resource(), now: this.#platform.clock.now() });
  }

  async #export({ event, call, recipient }: Asked, bearing: Bearing): Promise<APIGatewayProxyResult> {
    const { requestId } = event.requestContext;
    const parts = { platform: this.#platform, disclosures: this.#disclosures, defences: this.#defences };
    const made = await exportSubscription(parts, recipient, bearing, call.query as PullQuery, requestId);
    return 'refused' in made ? this.#refuse(requestId, made) : made;
  }

  #resource(): string {
    return `${this.#doors().thirdParty}/espi/1_1/resource`;
  }

  #baseOf(consentId: string): string {
    return `${this.#resource()}/Subscription/${consentId}`;
  }

  #nextOf({ path, queryStringParameters }: APIGatewayProxyEvent, cursor: string): string {
    return `${this.#doors().thirdParty}${path}?${new URLSearchParams({ ...(queryStringParameters as Record<string, string>), cursor })}`;
  }

  #refuse(requestId: string, { refused }: Refusal): APIGatewayProxyResult {
    this.#platform.log.warn('request refused', { reason: refused, requestId });
    const answer = answerProblem(refused, requestId);
    const isToken = refused === 'token-invalid' || refused === 'certificate-mismatch';
    return isToken ? { ...answer, headers: { ...answer.headers, 'www-authenticate': 'Bearer error="invalid_token"' } } : answer;
  }

  #failed(requestId: string, error: unknown): APIGatewayProxyResult {
    const problem = problemOfError(error);
    const fields = { code: codeOf(error), requestId };
    if (problem === 'internal') this.#platform.log.error('request failed', fields);
    else this.#platform.log.warn('request refused', fields);
    return answerProblem(problem, requestId, wordsOfError(problem, error));
  }
}

function applicationOf({ recipientId, name, status, redirectUris, certificates }: KnownRecipient): Answer {
  const body: Application = { clientId: recipientId, name, status, redirectUris: [...redirectUris], certificates: [...certificates] };
  return { body };
}

/** Readings are named by their direction, e.g. `import-Wh-hour`. */
function classOf(reading: string): ConsentDataClass {
  return reading.startsWith('export') ? 'generation' : 'usage';
}

function certificateOf({ requestContext }: APIGatewayProxyEvent): Buffer | undefined {
  const pem = requestContext.identity.clientCert?.clientCertPem;
  return pem === undefined ? undefined : new X509Certificate(pem).raw;
}

function fingerprintOf(der: Buffer): string {
  return createHash('sha256').update(der).digest('hex');
}

function headerOf({ headers }: APIGatewayProxyEvent, name: string): string | undefined {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}
