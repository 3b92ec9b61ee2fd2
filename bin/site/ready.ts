import { createHash } from 'node:crypto';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { isCompressed, type SiteFile } from '../../platform/doors/site-file.ts';
import type { Site } from '../../platform/embedded/https/site.ts';
import { MANIFEST_PATH } from '../../protocol/application/manifest.ts';
import { webHeadersOf } from '../../topology/web-headers.ts';
import type { SiteFiles } from './built.ts';

/** Made at every start of the service: the next levels take seven times as long for a five-hundredth less. */
const BROTLI_QUALITY = 7;

/** A signed site as a door sends it. @param connect origins of the policy */
export function readySite(files: SiteFiles, manifest: string, connect: readonly string[]): Site {
  const all = new Map([...files, [MANIFEST_PATH, Buffer.from(manifest, 'ascii')] as const]);
  const ready = new Map<string, SiteFile>();
  for (const [path, body] of all) ready.set(`/${path}`, readyFile(path, body, connect));
  const index = ready.get('/index.html');
  if (index !== undefined) ready.set('/', index);
  return ready;
}

function readyFile(path: string, body: Buffer, connect: readonly string[]): SiteFile {
  const headers = webHeadersOf(path, connect);
  const etag = createHash('sha256').update(body).digest('base64url').slice(0, 22);
  return { body, headers, etag, encoded: isCompressed(headers['content-type']) ? encodings(body) : [] };
}

function encodings(body: Buffer): SiteFile['encoded'] {
  const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: body.length };
  const made = [
    { coding: 'br' as const, body: brotliCompressSync(body, { params }) },
    { coding: 'gzip' as const, body: gzipSync(body, { level: 9 }) },
  ];
  return made.filter((encoded) => encoded.body.length < body.length);
}
