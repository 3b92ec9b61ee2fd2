import { createHash } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { fakeClient, fault } from './fake-client.ts';

interface Named {
  readonly Key: string;
}

/** Keys to a page: few, so that every list has several. */
const PAGE = 2;

/**
 * A bucket as its client sees it. @param calls gets the name of each command @param bodies what lies in it @param page keys to a page of a
 * list @param clock of the dates of its objects
 */
export function fakeS3(
  calls: string[] = [],
  bodies: Map<string, Buffer> = new Map(),
  page = PAGE,
  clock: { now(): number } = Date,
): S3Client {
  const times = new Map<string, Date>();
  return fakeClient<S3Client>(
    {
      PutObject: ({ Key, Body, ChecksumSHA256, IfNoneMatch }: Named & { Body: Buffer; ChecksumSHA256: string; IfNoneMatch?: string }) => {
        if (createHash('sha256').update(Body).digest('base64') !== ChecksumSHA256) throw fault('BadDigest');
        if (IfNoneMatch === '*' && bodies.has(Key)) throw fault('PreconditionFailed', 412);
        bodies.set(Key, Buffer.from(Body));
        times.set(Key, new Date(Math.floor(clock.now() / 1000) * 1000));
        return {};
      },
      GetObject: ({ Key }: Named) => {
        const body = bodies.get(Key);
        if (body === undefined) throw fault('NoSuchKey', 404);
        return { Body: { transformToByteArray: async () => new Uint8Array(body) } };
      },
      DeleteObject: ({ Key }: Named) => void bodies.delete(Key),
      ListObjectsV2: ({ Prefix, ContinuationToken = '' }: { Prefix: string; ContinuationToken?: string }) => {
        const left = [...bodies.keys()].sort().filter((key) => key.startsWith(Prefix) && key > ContinuationToken);
        const found = left.slice(0, page).map((Key) => ({ Key, LastModified: times.get(Key) }));
        return left.length > page ? { Contents: found, NextContinuationToken: found.at(-1)!.Key } : { Contents: found };
      },
    },
    calls,
  );
}
