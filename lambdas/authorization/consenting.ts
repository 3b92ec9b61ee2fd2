import { createHash } from 'node:crypto';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { errors, type Interaction, type Provider } from 'oidc-provider';
import type { SignedInCustomer } from '../../platform/ports/customer-sign-in.ts';
import { exchangeOf } from './bridge.ts';
import { type Offer, offerOf } from './offer.ts';
import { askingPage, plainPage } from './page.ts';
import type { AuthorizationParts } from './parts.ts';
import { type RequestedScope, readScope, spanOf } from './scope.ts';

/** An open question to a customer. */
interface Question {
  readonly uid: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scopeText: string;
  readonly scope: RequestedScope;
  readonly offer: Offer;
}

/**
 * Shows a signed-in customer what is asked for, and takes the answer. A yes is a consent on record first and a grant afterwards; the
 * same answer again is the same consent.
 */
export async function askForConsent(parts: AuthorizationParts, event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> {
  const customer = await parts.signIn.signedIn(event);
  if (customer === undefined) return plainPage(403, 'Not signed in', 'Sign in with your utility first. Nothing was shared.');
  const { request, response } = exchangeOf(event, parts.host);
  const question = await questionOf(parts, () => parts.provider.interactionDetails(request, response));
  if (question === undefined) return plainPage(400, 'Nothing to answer', 'This request is over or was made elsewhere. Nothing was shared.');
  if (event.httpMethod === 'GET') return askingPage(question.offer, question.uid, question.redirectUri);
  const result = await answerOf(parts, question, customer, new URLSearchParams(event.body ?? '').get('decision'));
  if (result === undefined) return plainPage(400, 'No answer', 'Neither yes nor no was said. Nothing was shared.');
  await parts.provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  return response.result();
}

async function questionOf(
  { clock, recipients, defences }: AuthorizationParts,
  details: () => Promise<Interaction>,
): Promise<Question | undefined> {
  const interaction = await details().catch((error: unknown) => {
    if (error instanceof errors.SessionNotFound) return undefined;
    throw error;
  });
  const { client_id: clientId = '', redirect_uri: redirectUri = '', scope: scopeText = '' } = interaction?.params ?? {};
  const [scope, recipient] = [readScope(scopeText, defences), await recipients(clientId)];
  if (interaction === undefined || scope === undefined || recipient?.status !== 'active') return undefined;
  return { uid: interaction.uid, clientId, redirectUri, scopeText, scope, offer: offerOf(recipient.name, scope, clock.now()) };
}

async function answerOf(
  parts: AuthorizationParts,
  question: Question,
  customer: SignedInCustomer,
  decision: string | null,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (decision === 'deny') return { error: 'access_denied', error_description: 'the customer said no' };
  if (decision !== 'allow') return undefined;
  // Begins with a letter, so that no command line takes it for an option.
  const consentId = `c${createHash('sha256').update(`consent ${question.uid}`).digest('base64url').slice(0, 31)}`;
  const { purpose, dataClasses, resolution } = question.scope;
  const { from, until } = spanOf(question.scope, parts.clock.now());
  const { account, authTime, method: authMethod } = customer;
  const wish = { consentId, recipient: question.clientId, purpose, dataClasses, resolution, from, until, expiresAt: until };
  await parts.consents.grant({ account, authTime, authMethod }, { ...wish, textHash: question.offer.textHash });
  const grantId = await grantFor(parts.provider, parts.resource, question, consentId);
  return { login: { accountId: consentId, remember: false }, consent: { grantId } };
}

async function grantFor(provider: Provider, resource: string, { clientId, scopeText }: Question, consentId: string): Promise<string> {
  const grant = new provider.Grant({ accountId: consentId, clientId });
  grant.addResourceScope(resource, scopeText);
  return await grant.save();
}
