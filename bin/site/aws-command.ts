import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rawSignature } from '../../platform/kms/der-signature.ts';
import { lowS } from '../../platform/kms/low-s.ts';
import { UsageError } from '../terminal/fail.ts';
import type { SitePlace } from './publish.ts';
import type { Publisher } from './sign.ts';

/** Runs the command line of AWS, version 2. @returns standard output */
export type RunAws = (args: readonly string[]) => Promise<string>;

/** As whoever is signed in to it. @throws UsageError when it is not installed */
export const runAws: RunAws = async (args) => {
  try {
    return (await promisify(execFile)('aws', [...args])).stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new UsageError('the command line of AWS (aws) is not installed');
    throw error;
  }
};

/** Signs with a stage's key in KMS and keeps what was signed last in its object store. */
export function awsPublisher(aws: RunAws, stage: string, objectsBucket: string): Publisher {
  const nameOf = (keyId: string) => `alias/joulekeep-${stage}-${keyId}`;
  const objects = bucketOf(aws, objectsBucket);
  return {
    wall: { now: () => Date.now() },
    kms: {
      getPublicKey: async (keyId) =>
        answered(await aws(['kms', 'get-public-key', '--key-id', nameOf(keyId), '--output', 'json']), 'PublicKey'),
      sign: async (keyId, message) => {
        const digest = createHash('sha256').update(message).digest('base64');
        const how = ['--message-type', 'DIGEST', '--signing-algorithm', 'ECDSA_SHA_256', '--output', 'json'];
        const said = await aws(['kms', 'sign', '--key-id', nameOf(keyId), '--message', digest, ...how]);
        return lowS(rawSignature(answered(said, 'Signature')));
      },
    },
    objects: { get: (key) => objects.get(key), put: (key, body) => objects.put(key, body, []) },
  };
}

/** A bucket that a distribution shows. */
export function bucketPlace(aws: RunAws, bucket: string): SitePlace {
  const objects = bucketOf(aws, bucket);
  return {
    get: (path) => objects.get(path),
    put: (path, body, { contentType, cacheControl }) =>
      objects.put(path, body, ['--content-type', contentType, '--cache-control', cacheControl]),
  };
}

function bucketOf(aws: RunAws, bucket: string) {
  return {
    async get(key: string): Promise<Buffer | undefined> {
      return await besideFile(async (file) => {
        try {
          await aws(['s3api', 'get-object', '--bucket', bucket, '--key', key, file]);
        } catch (error) {
          if (error instanceof Error && error.message.includes('NoSuchKey')) return undefined;
          throw error;
        }
        return readFileSync(file);
      });
    },
    async put(key: string, body: Buffer, headers: readonly string[]): Promise<void> {
      await besideFile(async (file) => {
        writeFileSync(file, body);
        await aws(['s3api', 'put-object', '--bucket', bucket, '--key', key, '--body', file, ...headers]);
      });
    },
  };
}

async function besideFile<T>(work: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'joulekeep-site-'));
  try {
    return await work(join(folder, 'body'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function answered(json: string, name: string): Buffer {
  const value = (JSON.parse(json) as Record<string, unknown>)[name];
  if (typeof value !== 'string') throw new Error(`aws answered without ${name}`);
  return Buffer.from(value, 'base64');
}
