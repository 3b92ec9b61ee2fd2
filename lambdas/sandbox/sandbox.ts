import { createHash } from 'node:crypto';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { ProblemName } from '../../api/problems.ts';
import type { PullQuery } from '../../api/third-party.ts';
import type { SharedSeries } from '../../exchange/usage/shared-usage.ts';
import { answerProblem, answerWith } from '../http/answers.ts';
import { readCall } from '../http/call.ts';
import { type Form, formOf, representPage, tagOf, unchanged } from '../http/usage-page.ts';
import { madeUpHours, SANDBOX_FROM, SANDBOX_UNTIL } from './made-up.ts';

/** Subscriptions that always answer the same: with data, or with one of the problems a client has to cope with. */
const ANSWERS: Readonly<Record<string, ProblemName | 'data'>> = {
  'with-data': 'data',
  'consent-missing': 'consent-missing',
  'consent-expired': 'consent-expired',
  'consent-revoked': 'consent-revoked',
  'resolution-exceeds-purpose': 'resolution-exceeds-purpose',
  'window-exceeds-consent': 'window-exceeds-consent',
  'certificate-mismatch': 'certificate-mismatch',
  'too-many-requests': 'too-many-requests',
};
const BASE = '/sandbox/espi/1_1/resource';
const PAGE_MS = 31 * 86_400_000;
const HOUR_MS = 3_600_000;

/** Answers of the sandbox: everybody may try it, nobody is asked, and all it has is made up. */
export function answerSandbox(event: APIGatewayProxyEvent): APIGatewayProxyResult {
  const { requestId } = event.requestContext;
  const call = readCall(event);
  if ('refused' in call) return answerProblem(call.refused, requestId, { faults: call.faults });
  if (call.name === 'registerSandboxClient') return answerWith({ body: clientNamed((call.body as { readonly name: string }).name) });
  const { subscription } = call.path as { readonly subscription: string };
  const answer = Object.hasOwn(ANSWERS, subscription) ? ANSWERS[subscription]! : 'not-found';
  const header = Object.entries(event.headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
  if (!/^Bearer sandbox\.[0-9a-f]{16}$/.test(header ?? '')) return answerProblem('token-invalid', requestId);
  if (answer !== 'data') return answerProblem(answer, requestId);
  return pageOf(event, call.query as PullQuery);
}

/** The same name is the same client: there is nothing to keep. */
function clientNamed(name: string) {
  const id = createHash('sha256').update(name).digest('hex').slice(0, 16);
  const subscriptions = Object.keys(ANSWERS);
  return { clientId: `sandbox-${id}`, accessToken: `sandbox.${id}`, resourceUri: `${BASE}/Batch/Subscription/with-data`, subscriptions };
}

/** Pages of a month, as the real API has them; a cursor is where it goes on. */
function pageOf(event: APIGatewayProxyEvent, query: PullQuery): APIGatewayProxyResult {
  const { requestId } = event.requestContext;
  const form = formOf(Object.entries(event.headers).find(([name]) => name.toLowerCase() === 'accept')?.[1]);
  if (form === undefined) return answerProblem('not-acceptable', requestId);
  const from = Math.ceil(instantOf(query['published-min'], SANDBOX_FROM) / HOUR_MS) * HOUR_MS;
  const until = Math.floor(instantOf(query['published-max'], SANDBOX_UNTIL) / HOUR_MS) * HOUR_MS;
  if (from < SANDBOX_FROM || until > SANDBOX_UNTIL || from >= until) return answerProblem('window-exceeds-consent', requestId);
  const start = query.cursor === undefined ? from : Number(query.cursor);
  if (!Number.isInteger(start / HOUR_MS) || start < from || start >= until) return answerProblem('request-invalid', requestId);
  const end = Math.min(until, start + PAGE_MS);
  const series = madeUpHours(start, end);
  const next =
    end < until ? `${event.path}?${new URLSearchParams({ ...(query as Record<string, string>), cursor: String(end) })}` : undefined;
  return answerPage(event, form, series, next);
}

function answerPage(event: APIGatewayProxyEvent, form: Form, series: SharedSeries, next: string | undefined): APIGatewayProxyResult {
  const hash = createHash('sha256').update(JSON.stringify(series)).digest('hex');
  const terms = { base: `${BASE}/Subscription/with-data`, hash, now: SANDBOX_UNTIL, ...(next !== undefined && { next }) };
  const etag = tagOf(form, terms);
  const seen = Object.entries(event.headers).find(([name]) => name.toLowerCase() === 'if-none-match')?.[1];
  return seen === etag ? unchanged(etag) : representPage(form, [series], terms);
}

function instantOf(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : Date.parse(text);
}
