import type {
  MeterInstalled,
  MeterRemoved,
  MoveRead,
  MultiplierCorrected,
  SupplySwitched,
  TenancyCorrected,
  TenancyCut,
  TenancySpan,
  UsagePointOpened,
} from '../../events/index.ts';

/** What a usage point may be told. Instants are UTC ms on the grid of the meter's intervals. */
export type UsagePointCommand =
  | ({ readonly type: 'OpenUsagePoint' } & UsagePointOpened)
  | ({ readonly type: 'InstallMeter' } & MeterInstalled)
  | ({ readonly type: 'RemoveMeter' } & MeterRemoved)
  | ({ readonly type: 'CorrectMultiplier' } & MultiplierCorrected)
  | ({ readonly type: 'DisconnectSupply' } & SupplySwitched)
  | ({ readonly type: 'ReconnectSupply' } & SupplySwitched)
  | ({ readonly type: 'CutTenancy'; readonly at: number } & TenancyCut)
  | ({ readonly type: 'CorrectTenancy' } & TenancyCorrected)
  | StatePoint
  | ({ readonly type: 'RecordMoveRead' } & MoveRead)
  | { readonly type: 'AssignTariff'; readonly tariff: string; readonly from: string; readonly at: number };

/** Says again what the usage point is to a tenant whose tenancy changed, or was somebody else's before. */
export interface StatePoint {
  readonly type: 'StatePoint';
  /** Account id. */
  readonly subject: string;
  /** As the usage point has them, with their local dates. */
  readonly spans: readonly StatedSpan[];
  readonly at: number;
}

export interface StatedSpan extends TenancySpan {
  /** Local dates, `yyyy-mm-dd`, of the first and the last instant. */
  readonly firstDay: string;
  readonly lastDay?: string;
}
