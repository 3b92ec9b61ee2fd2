import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { domainOf, type Storage, type StorageDomain } from '../../topology/storage.ts';
import { TOLD, told } from '../names.ts';
import type { Stage } from '../stage.ts';

/** The keys of storage domains as a later stack knows them, each looked up once. */
export class StorageKeys {
  readonly #scope: Construct;
  readonly #stage: Stage;
  readonly #known = new Map<StorageDomain, IKey>();

  constructor(scope: Construct, stage: Stage) {
    this.#scope = scope;
    this.#stage = stage;
  }

  /** The key under which a table, a queue or a bucket lies. */
  for(kind: Exclude<keyof Storage, 'domain'>, name: string): IKey {
    return this.of(domainOf(kind, name));
  }

  of(domain: StorageDomain): IKey {
    const key =
      this.#known.get(domain) ?? Key.fromKeyArn(this.#scope, `storage-${domain}`, told(this.#scope, this.#stage, TOLD.storageKey(domain)));
    this.#known.set(domain, key);
    return key;
  }
}
