import { createHash } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Witness } from '../ports/witness.ts';
import { checkObjectKey } from '../store/object-key.ts';
import { type ObjectParts, S3Objects } from './objects.ts';
import { isNamed, serviceError } from './service-errors.ts';

/** Keys of the bucket begin so, whatever else lies in it. */
const PREFIX = 'witness/';

/** A witness as objects of a bucket, of another account where the stage names one: locked there, by that account, for whoever writes. */
export class S3Witness implements Witness {
  readonly #parts: ObjectParts;
  readonly #objects: S3Objects;

  constructor(parts: ObjectParts) {
    this.#parts = parts;
    this.#objects = new S3Objects(parts);
  }

  async put(key: string, body: Buffer): Promise<boolean> {
    checkObjectKey(key);
    const { client, bucket, operations } = this.#parts;
    const ChecksumSHA256 = createHash('sha256').update(body).digest('base64');
    operations.count('s3.put');
    try {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: PREFIX + key, Body: body, ChecksumSHA256, IfNoneMatch: '*' }));
      return true;
    } catch (error) {
      if (isNamed(error, 'PreconditionFailed')) return false;
      throw serviceError('S3', error);
    }
  }

  get(key: string): Promise<Buffer | undefined> {
    return this.#objects.get(PREFIX + key);
  }

  async list(prefix: string): Promise<readonly string[]> {
    return (await this.#objects.list(PREFIX + prefix)).map((key) => key.slice(PREFIX.length));
  }
}
