import { sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { APPLICATION_TYP, type ApplicationManifest, filesFault, NOTHING_SEEN } from '../../protocol/application/manifest.ts';
import { type ApplicationTrust, verifyApplication } from '../../protocol/application/verify.ts';
import { fromBase64url } from '../../protocol/portable/base64url.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { altered, hashesOf, hs256, LIFE, reheaded, release, SIGNED_AT, signed, signingKey } from './support/release.ts';

const key = signingKey();
const published = release(key, { version: 5, minVersion: 3 });
const trust: ApplicationTrust = {
  application: 'portal',
  keys: { [key.kid]: key.spki.toString('base64url') },
  verifyManifest: defencesUnderTest().applicationManifest,
};
const payload: ApplicationManifest = {
  application: 'portal',
  version: 5,
  minVersion: 3,
  ...LIFE,
  files: hashesOf(published.files),
};

const HASH = Object.values(payload.files)[0]!;
const filesOf = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`assets/${i}.js`, HASH]));

async function faultOf(compact: string, seen = NOTHING_SEEN, now = SIGNED_AT): Promise<string> {
  const verdict = await verifyApplication(compact, trust, seen, now);
  return 'fault' in verdict ? verdict.fault : 'none';
}

describe('a manifest of an application', () => {
  it('is taken when a pinned key signed it for this application', async () => {
    expect(await verifyApplication(published.manifest, trust, NOTHING_SEEN, SIGNED_AT)).toEqual({ manifest: payload });
    expect(await faultOf(published.manifest, { version: 5, minVersion: 5 })).toBe('none');
  });

  it('R9.2-5, I8: is refused when it is of another application', async () => {
    expect(await faultOf(release(key, { application: 'console', version: 9 }).manifest)).toBe('another-application');
  });

  it('R9.2-5, I8: is refused when a higher version was seen, or a higher lowest version', async () => {
    expect(await faultOf(published.manifest, { version: 6, minVersion: 0 })).toBe('older-version');
    expect(await faultOf(published.manifest, { version: 0, minVersion: 6 })).toBe('below-minimum');
  });

  it('R9.2-5, C10.2-4: is refused from its end on, and to its last millisecond not before', async () => {
    expect(await faultOf(published.manifest, NOTHING_SEEN, LIFE.validUntil - 1)).toBe('none');
    expect(await faultOf(published.manifest, NOTHING_SEEN, LIFE.validUntil)).toBe('expired');
    expect(await faultOf(published.manifest, NOTHING_SEEN, LIFE.validUntil + 365 * 86_400_000)).toBe('expired');
  });

  it('R9.2-5: is refused under a key that is not pinned, even one that calls itself by the name of a pinned one', async () => {
    const stranger = signingKey();
    expect(await faultOf(signed(stranger, payload))).toBe('unknown-key');
    expect(await faultOf(signed({ ...stranger, kid: key.kid }, payload))).toBe('wrong-signature');
    expect(await faultOf(signed({ ...key, kid: '__proto__' }, payload))).toBe('unknown-key');
    expect(await faultOf(signed({ ...key, kid: 'constructor' }, payload))).toBe('unknown-key');
  });

  it('R9.2-5, I3: is ES256 and nothing else: no signature at all, HS256 with the public key, ES384', async () => {
    const { kid } = key;
    const typ = APPLICATION_TYP;
    const none = reheaded(published.manifest, { alg: 'none', kid, typ }, () => Buffer.alloc(64));
    const es384 = reheaded(published.manifest, { alg: 'ES384', kid, typ }, (input) =>
      sign('sha256', input, { key: key.privateKey, dsaEncoding: 'ieee-p1363' }),
    );
    for (const compact of [none, hs256(key, published.manifest), es384]) expect(await faultOf(compact)).toBe('wrong-algorithm');
    expect(await faultOf(`${published.manifest.split('.').slice(0, 2).join('.')}.`)).toBe('malformed');
  });

  it('R9.2-5: is refused when its key signed it as something else, or its header asks for more', async () => {
    expect(await faultOf(signed(key, payload, 'joulekeep-program+jws'))).toBe('wrong-purpose');
    const sender = (input: Buffer) => sign('sha256', input, { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
    const more = reheaded(published.manifest, { alg: 'ES256', kid: key.kid, typ: APPLICATION_TYP, jwk: {} }, sender);
    expect(await faultOf(more)).toBe('malformed');
  });

  it('R9.2-5: is refused with any one byte of it changed', async () => {
    const bytes = Buffer.from(published.manifest, 'ascii');
    const changed = fc.record({ at: fc.nat(bytes.length - 1), by: fc.integer({ min: 1, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(changed, async ({ at, by }) => {
        const copy = Buffer.from(bytes);
        copy[at]! ^= by;
        expect(await faultOf(copy.toString('latin1'))).not.toBe('none');
      }),
    );
  });

  it.each<[what: string, other: unknown]>([
    ['a version of 0', { ...payload, version: 0 }],
    ['a version that is a text', { ...payload, version: '5' }],
    ['a lowest version above its own', { ...payload, minVersion: 6 }],
    ['a member too many', { ...payload, note: 'x' }],
    ['a member too few', { ...payload, issuedAt: undefined }],
    ['no end', { ...payload, validUntil: undefined }],
    ['an end before it was issued', { ...payload, validUntil: LIFE.issuedAt }],
    ['a longer life than any manifest has', { ...payload, validUntil: LIFE.validUntil + 1 }],
    ['no files', { ...payload, files: {} }],
    ['files as a list', { ...payload, files: [] }],
    ['a path out of the site', { ...payload, files: { '../x.js': Object.values(payload.files)[0] } }],
    ['a path of another server', { ...payload, files: { '//host/x.js': Object.values(payload.files)[0] } }],
    ['a weaker hash', { ...payload, files: { 'x.js': 'sha256-AAAA' } }],
    ['the manifest among its own files', { ...payload, files: { 'manifest.jws': Object.values(payload.files)[0] } }],
    ['no application', { ...payload, application: 7 }],
    ['a version of half', { ...payload, version: 5.5 }],
    ['a lowest version below none', { ...payload, minVersion: -1 }],
    ['a lowest version that is a text', { ...payload, minVersion: '3' }],
    ['a beginning that is none', { ...payload, issuedAt: -1 }],
    ['an end that is none', { ...payload, validUntil: `${LIFE.validUntil}` }],
    ['another name for a member', { ...payload, minVersion: undefined, lowest: 3 }],
    ['a hash that is none', { ...payload, files: { 'x.js': 7 } }],
    ['a list of one hash for a hash', { ...payload, files: { 'x.js': [HASH] } }],
    ['a hash in another hash', { ...payload, files: { 'x.js': `x${HASH}` } }],
    ['a hash with something behind it', { ...payload, files: { 'x.js': `${HASH} sha384-x` } }],
    ['a hash that is cut', { ...payload, files: { 'x.js': HASH.slice(0, -1) } }],
    ...[
      '',
      '/x.js',
      'x.js/',
      'a//x.js',
      './x.js',
      '.x.js',
      'a/.x.js',
      'a/../x.js',
      'x y.js',
      'x.js?a',
      'a/x.js\n',
      ' x.js',
      'a\\x.js',
      '%2e/x.js',
    ].map((path) => [`a path ${JSON.stringify(path)}`, { ...payload, files: { [path]: HASH } }] as [string, unknown]),
    ['one file among others without a hash', { ...payload, files: { ...payload.files, 'x.js': 'none' } }],
    ['501 files', { ...payload, files: filesOf(501) }],
    ['no object', 7],
    ['nothing', null],
    ['a list', []],
  ])('R9.2-5: is none with %s, whoever signed it', async (_what, other) => {
    expect(await faultOf(signed(key, other))).toBe('malformed');
  });

  it('may have 500 files in folders, live a millisecond or thirty days, and ask for its own version', async () => {
    const least = { ...payload, minVersion: 5, validUntil: LIFE.issuedAt + 1, files: { 'a/B-1/_c.d/x.min.js': HASH, '0': HASH } };
    for (const other of [{ ...payload, files: filesOf(500) }, least, { ...payload, version: 1, minVersion: 0 }])
      expect(await faultOf(signed(key, other))).toBe('none');
  });

  it('is taken as it is where its check is switched off, for the proof alone, if it is one at all', async () => {
    const off = { ...trust, verifyManifest: false };
    const stranger = signed(signingKey(), payload);
    const verdict = (compact: string) => verifyApplication(compact, off, { version: 9, minVersion: 9 }, LIFE.validUntil);
    expect(await verdict(stranger)).toEqual({ manifest: payload });
    expect([await verdict(signed(key, { ...payload, version: 0 })), await verdict('a.b.c')]).toEqual(Array(2).fill({ fault: 'malformed' }));
  });

  it('says that its signature is wrong before it says what else is: nothing of it counts before', async () => {
    const stranger = { ...signingKey(), kid: key.kid };
    for (const other of [
      { ...payload, version: 0 },
      { ...payload, application: 'console' },
    ])
      expect(await faultOf(signed(stranger, other))).toBe('wrong-signature');
    expect(
      await faultOf(signed(key, { ...payload, application: 'console', version: 1, minVersion: 0 }), { version: 9, minVersion: 9 }),
    ).toBe('another-application');
    expect(await faultOf(signed(key, { ...payload, version: 4 }), { version: 9, minVersion: 9 }, LIFE.validUntil)).toBe('below-minimum');
  });

  it('is none under a key that is pinned and cannot be read', async () => {
    await expect(verifyApplication(published.manifest, { ...trust, keys: { [key.kid]: '=' } }, NOTHING_SEEN, SIGNED_AT)).rejects.toThrow();
  });

  it('is not looked at when it is longer than any manifest', async () => {
    const members = JSON.stringify({ alg: 'ES256', kid: key.kid, typ: APPLICATION_TYP });
    const header = Buffer.from(members.padEnd(120)).toString('base64url');
    const withBody = (length: number) => `${header}.${'A'.repeat(length - header.length - 88)}.${'A'.repeat(86)}`;
    expect([withBody(131_072).length, await faultOf(withBody(131_072)), await faultOf(withBody(131_076))]).toEqual([
      131_072,
      'wrong-signature',
      'malformed',
    ]);
    expect(await faultOf(`${published.manifest}${'A'.repeat(200_000)}`)).toBe('malformed');
  });
});

describe('files of an application', () => {
  it('are those of the manifest, each to the byte, and no other', async () => {
    const { files } = published;
    expect(await filesFault(payload, files)).toBeUndefined();
    for (const [path, body] of files) {
      expect(await filesFault(payload, new Map(files).set(path, altered(body)))).toEqual({ path, fault: 'file-altered' });
      const without = new Map(files);
      without.delete(path);
      expect(await filesFault(payload, without)).toEqual({ path, fault: 'file-missing' });
    }
    const more = new Map(files).set('assets/more.js', Buffer.from('x'));
    expect(await filesFault(payload, more)).toEqual({ path: 'assets/more.js', fault: 'file-unlisted' });
  });
});

describe('base64url', () => {
  it('has one text for the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        expect(fromBase64url(Buffer.from(bytes).toString('base64url'))).toEqual(Uint8Array.from(bytes));
      }),
    );
    for (const text of ['', 'A', 'AB', 'AA==', 'A+', 'A/', 'A A']) expect([text, fromBase64url(text)]).toEqual([text, undefined]);
  });
});
