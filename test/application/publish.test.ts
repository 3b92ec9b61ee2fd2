import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { awsPublisher, bucketPlace, type RunAws } from '../../bin/site/aws-command.ts';
import { readSite } from '../../bin/site/built.ts';
import { folderPlace, publishSite, type SitePlace } from '../../bin/site/publish.ts';
import { applicationKeys, signSite } from '../../bin/site/sign.ts';
import { filesFault, NOTHING_SEEN } from '../../protocol/application/manifest.ts';
import { verifyApplication } from '../../protocol/application/verify.ts';
import { release, SIGNED_AT, signingKey } from './support/release.ts';

const key = signingKey();

/** A place in memory, and the order in which it was written. */
function memoryPlace(): SitePlace & { readonly written: string[]; readonly files: Map<string, Buffer> } {
  const files = new Map<string, Buffer>();
  const written: string[] = [];
  return {
    written,
    files,
    get: async (path) => files.get(path),
    put: async (path, body) => {
      written.push(path);
      files.set(path, body);
    },
  };
}

describe('a site that is published', () => {
  it('has its page written last, the manifest before it, and its assets first', async () => {
    const place = memoryPlace();
    const { files, manifest } = release(key, { version: 2 });
    expect(await publishSite(place, files, manifest)).toEqual({ version: 2 });
    expect(place.written).toEqual([
      'assets/index-1.css',
      'assets/index-1.js',
      'config.json',
      'loader.js',
      'sw.js',
      'manifest.jws',
      'index.html',
    ]);
  });

  it('R9.2-5, I8: is never put in the place of a higher version', async () => {
    const place = memoryPlace();
    const [newer, older] = [release(key, { version: 3 }), release(key, { version: 2 })];
    await publishSite(place, newer.files, newer.manifest);
    const before = place.written.length;
    await expect(publishSite(place, older.files, older.manifest)).rejects.toMatchObject({ code: 'ERR_SITE_VERSION' });
    expect(place.written).toHaveLength(before);
    expect(await publishSite(place, newer.files, newer.manifest)).toEqual({ version: 3 });
  });
});

describe('a folder', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'joulekeep-published-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('holds the files of the manifest to the byte, and the manifest', async () => {
    const { files, manifest, settings } = release(key);
    await publishSite(folderPlace(root), files, manifest);
    const { 'manifest.jws': told, ...others } = Object.fromEntries(readSite(root));
    const verdict = await verifyApplication(told!.toString('ascii'), { ...settings, verifyManifest: true }, NOTHING_SEEN, SIGNED_AT);
    if (!('manifest' in verdict)) throw new Error(verdict.fault);
    expect(await filesFault(verdict.manifest, new Map(Object.entries(others)))).toBeUndefined();
  });
});

/** KMS and S3 as the command line of AWS shows them. */
class AwsAccount {
  readonly objects = new Map<string, Buffer>();
  readonly calls: (readonly string[])[] = [];
  readonly #pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  run: RunAws = async (args) => {
    this.calls.push(args);
    const option = (name: string) => args[args.indexOf(name) + 1]!;
    const name = `${option('--bucket')}/${option('--key')}`;
    switch (args[1]) {
      case 'get-public-key':
        return JSON.stringify({ PublicKey: this.#pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64') });
      case 'sign':
        return JSON.stringify({ Signature: this.#signDigest(Buffer.from(option('--message'), 'base64')).toString('base64') });
      case 'put-object':
        this.objects.set(name, readFileSync(option('--body')));
        return '{}';
      case 'get-object': {
        const body = this.objects.get(name);
        if (body === undefined) throw new Error('An error occurred (NoSuchKey) when calling the GetObject operation');
        writeFileSync(args.at(-1)!, body);
        return '{}';
      }
      default:
        throw new Error(`aws ${args.join(' ')}`);
    }
  };

  /** What was announced by its digest: the test says which texts there may be. */
  readonly #texts: Buffer[] = [];
  willSign(text: Buffer): void {
    this.#texts.push(text);
  }

  #signDigest(digest: Buffer): Buffer {
    const text = this.#texts.find((candidate) => createHash('sha256').update(candidate).digest().equals(digest));
    if (text === undefined) throw new Error('a digest of nothing that was announced');
    return sign('sha256', text, this.#pair.privateKey);
  }
}

describe('a stage on AWS', () => {
  it('signs with its key by a digest, keeps the last manifest, and puts files with their headers', async () => {
    const account = new AwsAccount();
    const publisher = awsPublisher(account.run, 'dev', 'objects');
    const { files } = release(key);
    const kms = {
      getPublicKey: publisher.kms.getPublicKey,
      sign: async (keyId: string, message: Buffer) => {
        account.willSign(message);
        return await publisher.kms.sign(keyId, message);
      },
    };
    const owner = { ...publisher, kms };
    const compact = await signSite(owner, 'portal', files);
    const trust = { application: 'portal', keys: await applicationKeys(owner), verifyManifest: true };
    expect(await verifyApplication(compact, trust, NOTHING_SEEN, Date.now())).toMatchObject({ manifest: { version: 1 } });
    expect(await signSite(owner, 'portal', files)).toBe(compact);
    expect(account.objects.get('objects/sites/portal.jws')?.toString('ascii')).toBe(compact);
    expect(account.calls.filter(([, what]) => what === 'sign').map((args) => args[3])).toEqual(['alias/joulekeep-dev-application']);

    await publishSite(bucketPlace(account.run, 'shown'), files, compact);
    expect(account.objects.get('shown/index.html')).toEqual(files.get('index.html'));
    const put = account.calls.find((args) => args[1] === 'put-object' && args.includes('assets/index-1.js'))!;
    expect(put.slice(-4)).toEqual([
      '--content-type',
      'text/javascript; charset=utf-8',
      '--cache-control',
      'public, max-age=31536000, immutable',
    ]);
  });
});
