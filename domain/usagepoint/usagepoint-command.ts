import type {
  MeterInstalled,
  MeterRemoved,
  MoveRead,
  MultiplierCorrected,
  SupplySwitched,
  TenancyCorrected,
  TenancyCut,
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
  | ({ readonly type: 'RecordMoveRead' } & MoveRead)
  | { readonly type: 'AssignTariff'; readonly tariff: string; readonly from: string; readonly at: number };
