import { createHash } from 'node:crypto';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { errors, type Interaction, type Provider } from 'oidc-provider';
import type { ConsentAnswer, ConsentAnswered, ConsentRequest } from '../../api/customer-account.ts';
import { PURPOSES } from '../../domain/consent/purposes.ts';
import { type ConsentDataClass, JoulekeepError } from '../../events/index.ts';
import type { Principal } from '../../platform/ports/authorizer.ts';
import type { Log } from '../../platform/ports/platform.ts';
import type { SignedIn } from '../consent/consents.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { answerCall } from '../http/desk.ts';
import { instant } from '../http/instants.ts';
import { recentlySignedIn } from '../http/recent-sign-in.ts';
import { exchangeOf } from './bridge.ts';
import { type Offer, offerOf } from './offer.ts';
import type { AuthorizationParts } from './parts.ts';
import { type RequestedScope, readScope, spanOf } from './scope.ts';

const DAY_MS = 86_400_000;
const DATA_CLASSES: readonly ConsentDataClass[] = ['usage', 'generation', 'bills'];

/** What a request of a signed-in customer is answered with: the event holds the cookie that binds the question to the browser. */
interface ConsentDesk {
  readonly log: Log;
  readonly parts: AuthorizationParts;
  readonly event: APIGatewayProxyEvent;
}

/** An open question to a customer. */
interface Question {
  readonly interaction: Interaction;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scopeText: string;
  readonly scope: RequestedScope;
  readonly offer: Offer;
}

const USE_CASES = { showConsentRequest, answerConsent };

/** What the portal asks on a customer's behalf. */
export function answerConsenting(desk: ConsentDesk): Promise<APIGatewayProxyResult> {
  return answerCall(desk, desk.event, USE_CASES);
}

/** Where the browser finds the question: a page of the portal, which asks for it under the same path. @param uid of the interaction */
export function toPortal(uid: string): APIGatewayProxyResult {
  return { statusCode: 303, headers: { location: `/#/consent/${uid}` }, body: '' };
}

/** @throws ERR_QUESTION_OVER for one that is over, or was asked in another browser */
async function showConsentRequest(desk: ConsentDesk, { path }: Call<'showConsentRequest'>): Promise<Answer> {
  const { clientId, redirectUri, scope, offer } = await questionOf(desk, path.uid);
  const { from, until } = spanOf(scope, desk.parts.clock.now());
  const { purpose, dataClasses, resolution } = scope;
  const body: ConsentRequest = {
    uid: path.uid,
    recipient: { id: clientId, name: offer.recipient },
    ...{ purpose, purposeText: PURPOSES[purpose].text, dataClasses: [...dataClasses], resolution },
    ...{ from: instant(from), until: instant(until), expiresAt: instant(until) },
    notShared: DATA_CLASSES.filter((one) => !dataClasses.includes(one)),
    textHash: offer.textHash,
    returnsTo: new URL(redirectUri).origin,
  };
  return { body };
}

/**
 * Takes the answer. A yes is a consent on record first and a grant afterwards; the first answer stands, and given again it is the same.
 * @throws ERR_QUESTION_OVER, ERR_QUESTION_CHANGED, ERR_CONSENT_WIDENED, ERR_SIGN_IN_STALE, and what `Consents.grant` throws
 */
async function answerConsent(desk: ConsentDesk, { caller, path, body }: Call<'answerConsent'>): Promise<Answer> {
  const { parts, event } = desk;
  if (parts.defences.recentSignIn) recentlySignedIn(caller, 'answerConsent', parts.wall.now());
  const question = await questionOf(desk, path.uid);
  const { interaction } = question;
  // A no stands: a yes after it would be a consent on record that leads nowhere.
  if (interaction.result?.['error'] !== undefined) return located(interaction.returnTo);
  const consentId = body.decision === 'allow' ? await grantConsent(parts, question, customerOf(parts, caller), body) : undefined;
  if (interaction.result !== undefined) return located(interaction.returnTo);
  const result = consentId === undefined ? SAID_NO : await saidYes(parts, question, consentId);
  const { request, response } = exchangeOf(event, parts.host);
  return located(await parts.provider.interactionResult(request, response, result, { mergeWithLastSubmission: false }));
}

const SAID_NO = { error: 'access_denied', error_description: 'the customer said no' };

function located(location: string): Answer {
  return { body: { location } satisfies ConsentAnswered };
}

async function questionOf({ parts, event }: ConsentDesk, uid: string): Promise<Question> {
  const { provider, host, recipients, clock, defences } = parts;
  const { request, response } = exchangeOf(event, host);
  const interaction = await provider.interactionDetails(request, response).catch((error: unknown) => {
    if (error instanceof errors.SessionNotFound) return undefined;
    throw error;
  });
  const { client_id: clientId = '', redirect_uri: redirectUri = '', scope: scopeText = '' } = interaction?.params ?? {};
  const [scope, recipient] = [readScope(scopeText, defences), await recipients(clientId)];
  // The cookie says which question the browser was asked; the path has to say the same.
  if (interaction?.uid !== uid || scope === undefined || recipient?.status !== 'active')
    throw new JoulekeepError('ERR_QUESTION_OVER', 'this request is over or was made elsewhere');
  return { interaction, clientId, redirectUri, scopeText, scope, offer: offerOf(recipient.name, scope, clock.now()) };
}

/** What was asked for, or less of it. @returns the id */
async function grantConsent(
  { clock, consents }: AuthorizationParts,
  { interaction, clientId, scope, offer }: Question,
  customer: SignedIn,
  { textHash, dataClasses, days }: Extract<ConsentAnswer, { decision: 'allow' }>,
): Promise<string> {
  const now = clock.now();
  const { from, until: last } = spanOf(scope, now);
  if (textHash !== offer.textHash) throw new JoulekeepError('ERR_QUESTION_CHANGED', 'read the question again, and answer that');
  const isWider = days > Math.ceil((last - now) / DAY_MS) || dataClasses.some((one) => !scope.dataClasses.includes(one));
  if (isWider || new Set(dataClasses).size !== dataClasses.length)
    throw new JoulekeepError('ERR_CONSENT_WIDENED', 'an answer names what was asked for, or less of it');
  // Begins with a letter, so that no command line takes it for an option.
  const consentId = `c${createHash('sha256').update(`consent ${interaction.uid}`).digest('base64url').slice(0, 31)}`;
  const until = Math.min(last, now + days * DAY_MS);
  const { purpose, resolution } = scope;
  const wish = { consentId, recipient: clientId, purpose, dataClasses, resolution, from, until, expiresAt: until };
  return await consents.grant(customer, { ...wish, textHash: offer.textHash });
}

async function saidYes({ provider, resource }: AuthorizationParts, { clientId, scopeText }: Question, consentId: string) {
  const grantId = await grantFor(provider, resource, { clientId, scopeText }, consentId);
  return { login: { accountId: consentId, remember: false }, consent: { grantId } };
}

async function grantFor(
  provider: Provider,
  resource: string,
  { clientId, scopeText }: Pick<Question, 'clientId' | 'scopeText'>,
  consentId: string,
): Promise<string> {
  const grant = new provider.Grant({ accountId: consentId, clientId });
  grant.addResourceScope(resource, scopeText);
  return await grant.save();
}

/** A customer has signed in: nobody else comes here as one. As long ago by the platform's clock as by the one that browsers go by. */
function customerOf({ clock, wall }: AuthorizationParts, { person, signIn }: Principal): SignedIn {
  if (signIn === undefined) throw new JoulekeepError('ERR_SIGN_IN_STALE', 'sign in first');
  return { account: person, authTime: clock.now() - (wall.now() - signIn.at), authMethod: signIn.method };
}
