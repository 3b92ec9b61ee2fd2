/** Facts of stream `exception/<row>`: who looks after a row of the exceptions queue. The rows themselves are a read model of the days. */
export type ExceptionEvent = { readonly type: 'ExceptionAssigned'; readonly data: ExceptionAssigned };

export interface ExceptionAssigned {
  /** Of the queue: base64url of the cause, with the local date where a row is of one day. */
  readonly row: string;
  /** Person; null = nobody any more. */
  readonly to: string | null;
  readonly by: string;
  readonly at: number;
}
