import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { assembleSite, hashOf } from '../../../bin/site/assemble.ts';
import type { SiteFiles } from '../../../bin/site/built.ts';
import { configOf } from '../../../bin/site/sites.ts';
import { APPLICATION_TYP, type ApplicationManifest, MOST_LIFE_MS } from '../../../protocol/application/manifest.ts';
import type { LoaderSettings } from '../../../protocol/application/start.ts';
import { compactJws, jwsSigningInput } from '../../../protocol/jws.ts';
import { keyThumbprint } from '../../../protocol/key-list.ts';
import type { Application } from '../../../topology/site-config.ts';
import { defencesUnderTest } from '../../support/defences.ts';

export const ENDPOINTS = {
  issuer: 'https://localhost:9443',
  authorizationEndpoint: 'https://localhost:9443/authorize',
  tokenEndpoint: 'https://localhost:9443/token',
  endSessionEndpoint: 'https://localhost:9443/end',
  passkeysPage: null,
};

/** A key of applications, with its name as loaders pin it. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly kid: string;
  readonly spki: Buffer;
}

export function signingKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey, kid: keyThumbprint(publicKey), spki: publicKey.export({ format: 'der', type: 'spki' }) };
}

/** What a build makes, as small as it can be. @param script of the application */
export function builtSite(script = 'globalThis.ran = true;'): SiteFiles {
  const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <script type="module" crossorigin src="./assets/index-1.js"></script>
    <link rel="stylesheet" crossorigin href="./assets/index-1.css">
  </head>
  <body><div id="app"></div></body>
</html>
`;
  const files = {
    'assets/index-1.css': 'body { margin: 0; }',
    'assets/index-1.js': script,
    'index.html': html,
    'loader.js': "start(atob('%LOADER_SETTINGS%'));",
    'sw.js': "keep(atob('%LOADER_SETTINGS%'));",
  };
  return new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]));
}

/** What assembly wrote into a loader. */
export function settingsIn(files: SiteFiles, name = 'loader.js'): LoaderSettings {
  const [, text] = /\('([A-Za-z0-9+/=]+)'\)/.exec(files.get(name)!.toString('utf8')) ?? [];
  return JSON.parse(Buffer.from(text!, 'base64').toString('utf8')) as LoaderSettings;
}

/** A site as it is published: files, manifest, and the settings of its loader. */
export interface Release {
  readonly files: Map<string, Buffer>;
  manifest: string;
  readonly settings: LoaderSettings;
}

/** When releases are signed and read here, UTC ms. */
export const SIGNED_AT = 1_700_000_000_000;
/** Of a manifest that is signed then. */
export const LIFE = { issuedAt: SIGNED_AT, validUntil: SIGNED_AT + MOST_LIFE_MS };

export interface ReleaseOptions extends Partial<Pick<ApplicationManifest, 'version' | 'minVersion' | 'issuedAt' | 'validUntil'>> {
  readonly application?: Application;
  readonly script?: string;
}

export function release(key: SigningKey, options: ReleaseOptions = {}): Release {
  const { application = 'portal', version = 1, minVersion = 0, script } = options;
  const { issuedAt = SIGNED_AT, validUntil = issuedAt + MOST_LIFE_MS } = options;
  const keys = { [key.kid]: key.spki.toString('base64url') };
  const config = configOf(application, ENDPOINTS, 'AA');
  const files = new Map(assembleSite({ built: builtSite(script), config, keys, defences: defencesUnderTest() }));
  const manifest = signed(key, { application, version, minVersion, issuedAt, validUntil, files: hashesOf(files) });
  return { files, manifest, settings: settingsIn(files) };
}

export function hashesOf(files: SiteFiles): Record<string, string> {
  return Object.fromEntries([...files].map(([path, body]) => [path, hashOf(body)]));
}

export function signed(key: SigningKey, payload: unknown, typ: string = APPLICATION_TYP): string {
  const input = jwsSigningInput({ kid: key.kid, typ }, Buffer.from(JSON.stringify(payload)));
  return compactJws(input, sign('sha256', input, { key: key.privateKey, dsaEncoding: 'ieee-p1363' }));
}

/** The same payload under another header. */
export function reheaded(compact: string, header: unknown, signatureOf: (input: Buffer) => Buffer): string {
  const head = Buffer.from(JSON.stringify(header)).toString('base64url');
  const input = `${head}.${compact.split('.')[1]}`;
  return `${input}.${signatureOf(Buffer.from(input)).toString('base64url')}`;
}

/** HS256 with what everybody knows as its secret: the pinned public key. */
export function hs256({ kid, spki }: SigningKey, compact: string): string {
  const secret = createPublicKey({ key: spki, format: 'der', type: 'spki' }).export({ format: 'pem', type: 'spki' });
  const mac = (input: Buffer) => Buffer.concat([createHmac('sha256', secret).update(input).digest(), Buffer.alloc(32)]);
  return reheaded(compact, { alg: 'HS256', kid, typ: APPLICATION_TYP }, mac);
}

export function altered(body: Buffer): Buffer {
  const copy = Buffer.from(body);
  copy[copy.length - 1]! ^= 1;
  return copy;
}
