import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import type { RecordFault } from '../ports/kms-record.ts';
import type { ObjectStore } from '../ports/platform.ts';

/** A file of the trail as a digest names it. */
export interface NamedFile {
  readonly object: string;
  /** SHA-256 of what is in it, unpacked, hex. */
  readonly hash: string;
}

/** What CloudTrail says, each hour, of the files it delivered in that hour. */
interface Digest {
  readonly file: NamedFile;
  /** UTC ms. */
  readonly from: number;
  readonly until: number;
  /** The digest before; undefined for the first of a trail. */
  readonly before: NamedFile | undefined;
  readonly files: readonly NamedFile[];
}

const WrittenDigest = z.object({
  digestStartTime: z.iso.datetime(),
  digestEndTime: z.iso.datetime(),
  previousDigestS3Object: z.string().nullable(),
  previousDigestHashValue: z.string().nullable(),
  logFiles: z.array(z.object({ s3Object: z.string(), hashValue: z.string() })),
});

/** Digests in the order of their hours, and what is wrong with their chain. */
export interface DigestChain {
  readonly digests: readonly Digest[];
  readonly faults: readonly RecordFault[];
}

/**
 * Digests of a span of hours, each held against the one before and the first against `after`.
 * @param keys of the objects, in order of time @param after the digest read last
 */
export async function readDigests(
  objects: Pick<ObjectStore, 'get'>,
  keys: readonly string[],
  span: { readonly from: number; readonly until: number },
  after: NamedFile | undefined,
): Promise<DigestChain> {
  const faults: RecordFault[] = [];
  const digests: Digest[] = [];
  let before = after;
  let at = span.from;
  for (const key of keys) {
    const digest = digestOf(key, await objects.get(key));
    if (digest === undefined) {
      faults.push({ fault: 'altered', from: at, until: at });
      continue;
    }
    // A trail that began in the span has nothing before it, unless something was read.
    const begins = before === undefined;
    if (!begins && !isSame(digest.before, before!))
      faults.push({ fault: digest.before?.object === before!.object ? 'altered' : 'missing', from: at, until: digest.from });
    else if (begins && digests.length > 0 && digest.from !== at) faults.push({ fault: 'missing', from: at, until: digest.from });
    digests.push(digest);
    before = digest.file;
    at = digest.until;
  }
  if (at < span.until) faults.push({ fault: 'missing', from: at, until: span.until });
  return { digests, faults };
}

/** What is in a file; undefined where it can't be unpacked. */
export function unpack(bytes: Buffer): Buffer | undefined {
  try {
    return gunzipSync(bytes);
  } catch {
    return undefined;
  }
}

export function hashOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** undefined for what no trail wrote. */
function digestOf(object: string, bytes: Buffer | undefined): Digest | undefined {
  const content = bytes === undefined ? undefined : unpack(bytes);
  const { data: written } = WrittenDigest.safeParse(content === undefined ? undefined : parsed(content));
  if (content === undefined || written === undefined) return undefined;
  const { previousDigestS3Object: previous, previousDigestHashValue: hash } = written;
  return {
    file: { object, hash: hashOf(content) },
    from: Date.parse(written.digestStartTime),
    until: Date.parse(written.digestEndTime),
    before: previous === null || hash === null ? undefined : { object: previous, hash },
    files: written.logFiles.map((file) => ({ object: file.s3Object, hash: file.hashValue })),
  };
}

function parsed(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString());
  } catch {
    return undefined;
  }
}

function isSame(one: NamedFile | undefined, other: NamedFile): boolean {
  return one?.object === other.object && one.hash === other.hash;
}
