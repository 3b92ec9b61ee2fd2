import { gzipSync } from 'node:zlib';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { ALBEvent, ALBResult } from 'aws-lambda';
import { JoulekeepError } from '../../../events/errors.ts';
import { contentTypeOf, webHeadersOf } from '../../../topology/web-headers.ts';
import { isCompressed, type SiteFile, siteReply } from '../../doors/site-file.ts';
import { isNamed } from '../service-errors.ts';
import { singled, valuesOf } from './door-request.ts';

/** A load balancer takes an answer of a function up to a megabyte, base64 and headers included. */
const LONGEST = 740_000;
/** Segments of letters, digits and dots that are no way up, two at most. */
const FILE = /^\/(?:[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}\/)?[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;
const MOST_KEPT = 64;

export interface SiteDoorParts {
  readonly client: Pick<S3Client, 'send'>;
  readonly bucket: string;
  /** Origins beside its own that the application talks to. */
  readonly connect: readonly string[];
}

type Variables = Readonly<Record<string, string | undefined>>;

/** @param variables JOULEKEEP_SITE_BUCKET, JOULEKEEP_SITE_CONNECT (origins with spaces between them) @throws ERR_ENVIRONMENT */
export function siteEnvironment(variables: Variables = process.env): SiteDoorParts {
  const bucket = variables['JOULEKEEP_SITE_BUCKET'] ?? '';
  if (bucket === '') throw new JoulekeepError('ERR_ENVIRONMENT', 'JOULEKEEP_SITE_BUCKET: name the bucket of the site');
  const connect = (variables['JOULEKEEP_SITE_CONNECT'] ?? '').split(' ').filter((origin) => origin !== '');
  return { client: new S3Client({}), bucket, connect };
}

/**
 * Files of an application as they were published, with the headers of topology/web-headers.ts: what is in the bucket is asked for each
 * time, and sent again only when it has changed. Everybody behind the door may load them; they hold no secret.
 * @source X.1332 9.2 (integrity of applications)
 */
export function makeSiteDoor({ client, bucket, connect }: SiteDoorParts): (event: ALBEvent) => Promise<ALBResult> {
  const kept = new Map<string, SiteFile>();

  async function fetched(key: string): Promise<SiteFile | undefined> {
    const known = kept.get(key);
    try {
      const { Body, ETag = '' } = await client.send(
        new GetObjectCommand({ Bucket: bucket, Key: key, ...(known && { IfNoneMatch: `"${known.etag}"` }) }),
      );
      const body = Buffer.from(await Body!.transformToByteArray());
      const headers = webHeadersOf(key, connect);
      const gzip = isCompressed(headers['content-type']) ? gzipSync(body, { level: 9 }) : body;
      const encoded = gzip.length < body.length ? [{ coding: 'gzip' as const, body: gzip }] : [];
      const file = { body, encoded, headers, etag: ETag.replaceAll('"', '') };
      if (kept.size >= MOST_KEPT) kept.clear();
      kept.set(key, file);
      return file;
    } catch (error) {
      if (known !== undefined && statusOf(error) === 304) return known;
      if (isNamed(error, 'NoSuchKey')) return undefined;
      throw error;
    }
  }

  return async (event) => {
    const { headers } = singled(valuesOf(event.multiValueHeaders, event.headers));
    const path = event.path === '/' ? '/index.html' : event.path;
    const isFile = ['GET', 'HEAD'].includes(event.httpMethod) && FILE.test(path) && contentTypeOf(path) !== undefined;
    const file = isFile ? await fetched(path.slice(1)) : undefined;
    if (file === undefined)
      return answer(404, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }, Buffer.from('Not found'));
    const reply = siteReply(file, headers);
    if (reply.body.length > LONGEST) throw new JoulekeepError('ERR_SITE_UNFIT', 'a file is too long for a load balancer');
    return answer(reply.status, reply.headers, event.httpMethod === 'HEAD' ? Buffer.alloc(0) : reply.body);
  };
}

function statusOf(error: unknown): number | undefined {
  return (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

function answer(statusCode: number, headers: Readonly<Record<string, string>>, body: Buffer): ALBResult {
  const multiValueHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  return { statusCode, multiValueHeaders, body: body.toString('base64'), isBase64Encoded: true };
}
