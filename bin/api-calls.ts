import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { type Command, Option } from 'commander';
import type { Problem } from '../api/problems.ts';
import { makeEdit } from '../lambdas/edit/handler.ts';
import { apiEvent } from '../platform/doors/api-event.ts';
import { lambdaContext } from '../platform/embedded/host/lambda-context.ts';
import { ALL_DEFENCES } from '../topology/defences.ts';
import { API_LIMITS } from '../topology/limits.ts';
import { PERSON_ROLES, type PersonRole } from '../topology/route.ts';
import { matchRoute } from '../topology/routes.ts';
import { withState } from './service/state.ts';
import { UsageError } from './terminal/fail.ts';
import { actingPerson } from './terminal/person.ts';

/** Where the API is: the state directory of a service that does not run, as a person, or a gateway that does. */
export interface ApiOptions {
  readonly state?: string;
  readonly as?: string;
  readonly role?: PersonRole;
  readonly url?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
  readonly json?: true;
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface ApiReply {
  readonly status: number;
  readonly etag: string | undefined;
  readonly body: unknown;
}

/** @throws UsageError for what the caller can mend, Error for the rest */
export type ApiCalls = (request: ApiRequest) => Promise<ApiReply>;

/** Adds the options that say where the API is. */
export function withApiOptions(command: Command): Command {
  return command
    .option('--state <dir>', 'state directory of the service, which must not run; wants --as and --role')
    .option('--as <name>', 'who you are, with --state: somebody with a certificate of the role; it is recorded')
    .addOption(new Option('--role <role>', 'as what, with --state').choices(PERSON_ROLES))
    .option('--url <url>', 'a running service instead, e.g. https://127.0.0.1:8443; wants --cert, --key and --ca')
    .option('--cert <file>', 'your certificate, PEM')
    .option('--key <file>', 'its private key, PEM')
    .option('--ca <file>', 'certificate of the service, PEM')
    .option('--json', 'the answer as JSON');
}

/** Opens the API, lets `work` call it, and closes it. */
export async function withApi<T>(options: ApiOptions, work: (call: ApiCalls) => Promise<T>): Promise<T> {
  const { state, url } = options;
  if ((state === undefined) === (url === undefined)) throw new UsageError('either --state or --url is expected');
  if (url !== undefined) return await work(remote(url, options));
  const { as, role } = options;
  if (as === undefined || role === undefined) throw new UsageError('--state wants --as NAME and --role ROLE: who edits is recorded');
  return await withState(state!, async (platform) => {
    actingPerson(platform.people, as, role);
    const handler = makeEdit(platform.as('editing'), ALL_DEFENCES);
    return await work(async ({ method, path, query = {}, headers = {}, body }) => {
      const match = matchRoute('console', method, path);
      if (match === undefined) throw new UsageError(`${path}: no such thing`);
      const event = apiEvent({
        ...{ requestId: randomUUID(), match, principal: { person: as, role }, path, query: given(query), headers },
        body: body === undefined ? undefined : JSON.stringify(body),
        sourceIp: '',
        at: Date.now(),
      });
      const { statusCode, headers: answered, body: text } = await handler(event, lambdaContext('edit', API_LIMITS.answerWithinMs));
      return checked({ status: statusCode, etag: answered?.['etag'] as string | undefined, body: JSON.parse(text) }, path);
    });
  });
}

function remote(url: string, { cert, key, ca }: ApiOptions): ApiCalls {
  if (cert === undefined || key === undefined || ca === undefined) throw new UsageError('--url wants --cert, --key and --ca');
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:')
    throw new UsageError(`--url ${url}: an address like https://127.0.0.1:8443 is expected`);
  const identity = { cert: fileOf(cert), key: fileOf(key), ca: fileOf(ca) };
  return async ({ method, path, query = {}, headers = {}, body }) => {
    const target = new URL(path, url);
    for (const [name, value] of Object.entries(given(query))) target.searchParams.set(name, value);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const sent =
      text === undefined ? headers : { ...headers, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) };
    return checked(await exchange(target, { method, headers: sent, ...identity }, text), path);
  };
}

async function exchange(target: URL, options: object, text: string | undefined): Promise<ApiReply> {
  return await new Promise<ApiReply>((resolve, reject) => {
    const outgoing = httpsRequest(target, options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', (error) => reject(unreachable(target, error)));
      incoming.once('end', () => {
        const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
        resolve({ status: incoming.statusCode ?? 0, etag: incoming.headers.etag, body });
      });
    });
    outgoing.once('error', (error) => reject(unreachable(target, error)));
    outgoing.end(text);
  }).catch((error: unknown) => {
    if (error instanceof UsageError) throw error;
    // What the options hold is looked at before anything is sent.
    throw new UsageError(`--cert and --key: not a certificate and its own private key, as PEM (${codeOf(error)})`);
  });
}

/** The certificate that the gateway shows was not signed by what --ca holds. */
const FOREIGN_CA: ReadonlySet<string> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_GET_ISSUER_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
]);

function unreachable(target: URL, error: Error): UsageError {
  const code = codeOf(error);
  if (FOREIGN_CA.has(code)) return new UsageError(`--ca: does not vouch for ${target.origin} (${code}): give the CA of that service`);
  return new UsageError(`${target.origin} can't be reached (${code})`);
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.message : String(error));
}

/** What can be mended by asking otherwise; the rest is how things stand. */
const MENDABLE = [400, 404, 422, 428];

function checked(reply: ApiReply, path: string): ApiReply {
  if (reply.status < 300) return reply;
  const { title, detail, faults = [] } = reply.body as Problem;
  if (reply.status === 404 && detail === undefined) throw new UsageError(`${title}: ${decodeURIComponent(path.replace('/v1/', ''))}`);
  const text = [title, detail, ...faults.map(({ field, message }) => `${field}: ${message}`)].filter(Boolean).join('; ');
  throw MENDABLE.includes(reply.status) ? new UsageError(text) : new Error(text);
}

function given(query: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function fileOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`${file} can't be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
