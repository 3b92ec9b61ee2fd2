import { createHash } from 'node:crypto';
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ObjectStore } from '../ports/platform.ts';
import { checkObjectKey, folderOf, isContentAddressed } from '../store/object-key.ts';
import type { OperationCounts } from './operations.ts';
import { isNamed, serviceError } from './service-errors.ts';

export interface ObjectParts {
  readonly client: S3Client;
  readonly bucket: string;
  readonly operations: OperationCounts;
}

interface Listed {
  readonly key: string;
  /** UTC ms, whole seconds; of what the store does not say it of it is not old. */
  readonly putAt: number;
}

/**
 * Objects of one bucket. A put carries the body's hash, so that what arrives is what was sent; under a key that names the hash
 * nothing is ever overwritten. @throws ERR_OBJECT_KEY as on every platform
 */
export class S3Objects implements ObjectStore {
  readonly #parts: ObjectParts;

  constructor(parts: ObjectParts) {
    this.#parts = parts;
  }

  async put(key: string, body: Buffer): Promise<void> {
    await this.#put(key, body, isContentAddressed(key, body));
  }

  /** Puts what isn't there yet. @returns false when something lies under this key, whatever it is */
  async putOnce(key: string, body: Buffer): Promise<boolean> {
    return await this.#put(key, body, true);
  }

  async get(key: string): Promise<Buffer | undefined> {
    checkObjectKey(key);
    const { client, bucket, operations } = this.#parts;
    operations.count('s3.get');
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return Buffer.from(await Body!.transformToByteArray());
    } catch (error) {
      if (isNamed(error, 'NoSuchKey')) return undefined;
      throw serviceError('S3', error);
    }
  }

  /** Not billed. */
  async delete(key: string): Promise<void> {
    checkObjectKey(key);
    const { client, bucket } = this.#parts;
    try {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    } catch (error) {
      throw serviceError('S3', error);
    }
  }

  async list(prefix: string): Promise<readonly string[]> {
    return (await this.#listed(prefix)).map(({ key }) => key).sort();
  }

  async olderThan(prefix: string, instant: number): Promise<readonly string[]> {
    const listed = await this.#listed(prefix);
    return listed
      .filter(({ putAt }) => putAt < instant)
      .map(({ key }) => key)
      .sort();
  }

  /** @returns false when it was to be put once, and something lies there */
  async #put(key: string, body: Buffer, isOnce: boolean): Promise<boolean> {
    checkObjectKey(key);
    const { client, bucket, operations } = this.#parts;
    const once = isOnce ? { IfNoneMatch: '*' } : {};
    const ChecksumSHA256 = createHash('sha256').update(body).digest('base64');
    operations.count('s3.put');
    try {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ChecksumSHA256, ...once }));
      return true;
    } catch (error) {
      if (isOnce && isNamed(error, 'PreconditionFailed')) return false;
      throw serviceError('S3', error);
    }
  }

  async #listed(prefix: string): Promise<readonly Listed[]> {
    folderOf(prefix);
    const found: Listed[] = [];
    let token: string | undefined;
    do {
      const page = await this.#page(prefix, token);
      found.push(...page.found);
      token = page.next;
    } while (token !== undefined);
    return found;
  }

  /** Billed like a put. */
  async #page(prefix: string, token: string | undefined): Promise<{ found: Listed[]; next: string | undefined }> {
    const { client, bucket, operations } = this.#parts;
    operations.count('s3.put');
    const from = token === undefined ? {} : { ContinuationToken: token };
    try {
      const { Contents = [], NextContinuationToken } = await client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ...from }),
      );
      return {
        found: Contents.map(({ Key, LastModified }) => ({ key: Key!, putAt: LastModified?.getTime() ?? Number.POSITIVE_INFINITY })),
        next: NextContinuationToken,
      };
    } catch (error) {
      throw serviceError('S3', error);
    }
  }
}
