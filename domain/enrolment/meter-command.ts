import type { AssetRecord, DeviceReleased, EpochProposed, MeterRetired } from '../../events/index.ts';

/** What can be asked of a meter's stream. Times are UTC milliseconds and come with the command. */
export type MeterCommand =
  | {
      readonly type: 'EnrolMeter';
      readonly meterId: string;
      readonly certificate: Uint8Array;
      readonly asset: AssetRecord;
      readonly at: number;
    }
  | { readonly type: 'AssignSegment'; readonly segment: string }
  /** After both segments recorded the move. */
  | { readonly type: 'MoveSegment'; readonly from: string; readonly to: string }
  | { readonly type: 'AssignRelay'; readonly dcId: string; readonly from: number }
  | { readonly type: 'UnassignRelay'; readonly dcId: string; readonly until: number }
  | { readonly type: 'ActivateMeter'; readonly at: number }
  | ProposeEpoch
  | RefuseHello
  | { readonly type: 'ActivateEpoch'; readonly epoch: number; readonly at: number }
  | { readonly type: 'CloseEpoch'; readonly epoch: number; readonly at: number }
  | { readonly type: 'DestroyEpoch'; readonly epoch: number; readonly at: number }
  | { readonly type: 'MarkEpochOverdue'; readonly epoch: number; readonly at: number }
  | { readonly type: 'RenewCertificate'; readonly certificate: Uint8Array; readonly at: number }
  | { readonly type: 'ReportCounterReuse'; readonly epoch: number; readonly counter: number; readonly at: number }
  | { readonly type: 'ReportTamper'; readonly code: number; readonly at: number }
  | { readonly type: 'Quarantine'; readonly reason: string; readonly at: number }
  | ({ readonly type: 'Release' } & DeviceReleased)
  | ({ readonly type: 'Retire' } & MeterRetired);

/** A verified HELLO whose secret is agreed and durable. The ladder is judged once more when it is recorded. */
export interface ProposeEpoch extends EpochProposed {
  readonly type: 'ProposeEpoch';
  readonly suite: number;
}

/** A HELLO or renewal that is turned away, and the bytes that would answer it (EPOCH-IS or the key manifest). */
export interface RefuseHello {
  readonly type: 'RefuseHello';
  readonly reason: string;
  /** SHA-256 of the input. */
  readonly hash: Uint8Array;
  readonly answer?: Uint8Array;
  readonly at: number;
}
