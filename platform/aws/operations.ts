/** What AWS bills: one kind per price. */
export type OperationKind =
  | 'dynamodb.write'
  | 'dynamodb.read'
  | 'dynamodb.stream-read'
  | 'kms.symmetric'
  | 'kms.asymmetric'
  | 'sqs.request'
  | 's3.put'
  | 's3.get'
  | 'eventbridge.event'
  | 'iot.message'
  | 'iot.rule'
  | 'iot.registry';

export interface Counted {
  /** Calls of the API. */
  calls: number;
  /** Metered units: write or read units of DynamoDB, 64 KB chunks of SQS and EventBridge, 5 KB messages of IoT; else calls. */
  units: number;
}

/** Billable operations of one process by kind. The adapters count what they ask for, refused calls too. */
export class OperationCounts {
  readonly #counts = new Map<OperationKind, Counted>();

  count(kind: OperationKind, units = 1): void {
    const counted = this.#counts.get(kind) ?? { calls: 0, units: 0 };
    counted.calls += 1;
    counted.units += units;
    this.#counts.set(kind, counted);
  }

  snapshot(): ReadonlyMap<OperationKind, Readonly<Counted>> {
    return new Map([...this.#counts].map(([kind, counted]) => [kind, { ...counted }]));
  }
}
