import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { Agent, request } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { answering } from '../ipc.ts';
import { randomFrom } from '../random.ts';
import type { Asked, Called, CallersAnswer, CallersRequest, SignedIn } from './protocol.ts';

/** Browsers of customers in a process of their own: a key each, connections that stay, a proof for every request. */
interface Browser {
  readonly key: KeyObject;
  /** Of every proof. */
  readonly header: string;
  readonly agent: Agent;
}

/** As browsers have it. */
const CONNECTIONS = 6;
/** Of one that asks on and on: fifty of them find room at the door. */
const GREEDY = 4;
const AGAIN_MS = 50;
let browsers: readonly Browser[] = [];

function open(n: number, thumbprints: string[]): Browser {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' });
  thumbprints.push(hash(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y })));
  const header = base64({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty: 'EC', crv: 'P-256', x, y } });
  // An address each: what is public knows callers apart by it.
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS, localAddress: `127.0.1.${n + 1}` });
  return { key: privateKey, header, agent };
}

function proofOf({ key, header }: Browser, method: string, url: string, ath: string): string {
  const input = `${header}.${base64({ jti: randomUUID(), htm: method, htu: url, iat: Math.floor(Date.now() / 1000), ath })}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

type Call = Extract<CallersRequest, { type: 'call' }>;

/** Requests at an even pace, whatever the answers take; at an infinite one, each connection asks again when it is answered. */
async function callAll({ door, ca, sessions, mix, perSecond, seconds }: Call): Promise<Called[]> {
  const next = randomFrom(7);
  const bag = mix.flatMap((asked) => Array<Asked>(asked.often).fill(asked));
  const callers = sessions.map((session, n) => ({ ...session, ath: hash(session.token), browser: browsers[n]! }));
  const started = performance.now();
  if (perSecond === Number.POSITIVE_INFINITY) {
    const until = started + seconds * 1000;
    const lanes = callers.flatMap((caller) => Array.from({ length: GREEDY }, () => callOnAndOn(caller, bag, { door, ca, until })));
    return (await Promise.all(lanes)).flat();
  }
  const calls: Promise<Called>[] = [];
  for (let n = 0; n < perSecond * seconds; n++) {
    const due = started + (n * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await wait(early);
    calls.push(callAsBrowser(callers[n % callers.length]!, bag[Math.floor(next() * bag.length)]!, { door, ca, due }));
  }
  return await Promise.all(calls);
}

/** A browser asks once more on another connection when the one it had is closed under it; status 0 where that one is, too. */
function callAsBrowser(caller: Caller, asked: Asked, to: { door: string; ca: string; due: number }): Promise<Called> {
  return callOnce(caller, asked, to)
    .catch(() => callOnce(caller, asked, to))
    .catch(() => ({ name: asked.name, status: 0, elapsed: performance.now() - to.due, bytes: 0 }));
}

/** The next as soon as the last one is answered; status 0 where the connection ended instead. */
async function callOnAndOn(caller: Caller, bag: readonly Asked[], to: { door: string; ca: string; until: number }): Promise<Called[]> {
  const { door, ca, until } = to;
  const calls: Called[] = [];
  for (let n = 0; performance.now() < until; n++) {
    const asked = bag[n % bag.length]!;
    const due = performance.now();
    const called = await callOnce(caller, asked, { door, ca, due }).catch(() => undefined);
    calls.push(called ?? { name: asked.name, status: 0, elapsed: performance.now() - due, bytes: 0 });
    if (called === undefined) await wait(AGAIN_MS);
  }
  return calls;
}

type Caller = SignedIn & { readonly ath: string; readonly browser: Browser };

function callOnce(
  { browser, token, ath, usagePoint }: Caller,
  { name, path, isPublic }: Asked,
  { door, ca, due }: { door: string; ca: string; due: number },
): Promise<Called> {
  const url = new URL(path.replace('{point}', usagePoint), door);
  const proof = { authorization: `DPoP ${token}`, dpop: proofOf(browser, 'GET', `${door}${url.pathname}`, ath) };
  const headers = { host: url.host, 'accept-encoding': 'gzip, br', ...(isPublic ? {} : proof) };
  const { promise, resolve, reject } = Promise.withResolvers<Called>();
  const to = { host: '127.0.0.1', servername: 'localhost', port: url.port, path: url.pathname + url.search };
  const outgoing = request({ ...to, headers, ca, agent: browser.agent }, (incoming) => {
    let bytes = 0;
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    incoming.on('end', () => resolve({ name, status: incoming.statusCode ?? 0, elapsed: performance.now() - due, bytes }));
    incoming.on('error', reject);
  });
  outgoing.on('error', reject);
  outgoing.end();
  return promise;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function base64(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

async function handle(asked: CallersRequest): Promise<CallersAnswer> {
  if (asked.type === 'call') return { type: 'called', calls: await callAll(asked) };
  const thumbprints: string[] = [];
  browsers = Array.from({ length: asked.browsers }, (_, n) => open(n, thumbprints));
  return { type: 'keys', thumbprints };
}

answering(handle);
