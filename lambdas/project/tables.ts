import type { ReadModels, ReadTable } from '../../platform/ports/read-models.ts';
import { ACCESS_TABLES, type AccessTables } from './access-projection.ts';
import { DAY_TABLES, type DayTables } from './day-projection.ts';
import { DEVICE_TABLES, type DeviceTables } from './device-projection.ts';
import { RELAY_TABLES, type RelayTables } from './relay-projection.ts';
import { SEGMENT_TABLES, type SegmentTables } from './segment-projection.ts';

/** The generations in use. */
export function segmentTables(models: ReadModels): SegmentTables {
  return tablesOf(SEGMENT_TABLES, (name) => models.table(name));
}

export function dayTables(models: ReadModels): DayTables {
  return tablesOf(DAY_TABLES, (name) => models.table(name));
}

export function relayTables(models: ReadModels): RelayTables {
  return tablesOf(RELAY_TABLES, (name) => models.table(name));
}

export function deviceTables(models: ReadModels): DeviceTables {
  return tablesOf(DEVICE_TABLES, (name) => models.table(name));
}

export function accessTables(models: ReadModels): AccessTables {
  return tablesOf(ACCESS_TABLES, (name) => models.table(name));
}

export function tablesOf<Name extends string>(names: readonly Name[], of: (name: Name) => ReadTable): Readonly<Record<Name, ReadTable>> {
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Record<Name, ReadTable>;
}
