import { type AccountCommand, account } from '../../domain/account/account.ts';
import { usagePoint } from '../../domain/usagepoint/usagepoint.ts';
import type { UsagePointCommand } from '../../domain/usagepoint/usagepoint-command.ts';
import type { OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import type { AssetRecord, RegisterRead, UsagePointOpened } from '../../events/index.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { runDecider } from '../shared/streams.ts';
import { checkFree, usagePointStream } from './change-point.ts';
import { projectPoints } from './point-projection.ts';
import { noteReseal } from './reseal-agenda.ts';

/** One line of the utility's list of homes: the usage point, its meter, and who lives there. Instants are UTC ms. */
export interface PointEntry extends Omit<UsagePointOpened, 'at'> {
  readonly meter: {
    readonly meterId: string;
    readonly from: number;
    readonly asset: AssetRecord;
    readonly registers?: readonly RegisterRead[];
  };
  /** Absent for a home that stands empty. */
  readonly tenant?: { readonly accountId: string; readonly from: number };
  readonly tariff?: { readonly tariff: string; readonly from: string };
}

export interface OpenReport {
  readonly opened: number;
  readonly already: number;
  readonly refused: readonly { readonly usagePoint: string; readonly code: string }[];
}

/** Homes opened side by side: their commits share the store's group commits. */
const CHUNK = 1_024;

/**
 * Opens usage points and accounts for many meters. Every step can be repeated, so a run that broke off is simply run again;
 * an entry that contradicts what is known is refused alone.
 */
export async function openPoints(
  platform: Platform,
  entries: readonly PointEntry[],
  onProgress?: (done: number, total: number) => void,
): Promise<OpenReport> {
  let opened = 0;
  const refused: { usagePoint: string; code: string }[] = [];
  for (let start = 0; start < entries.length; start += CHUNK) {
    const chunk = entries.slice(start, start + CHUNK);
    const outcomes = await Promise.all(chunk.map((entry) => openOne(platform, entry)));
    await projectPoints(
      platform,
      outcomes.flatMap((outcome) => (outcome.state === undefined ? [] : [outcome.state])),
    );
    for (const [i, { code, fresh }] of outcomes.entries()) {
      if (code !== undefined) refused.push({ usagePoint: chunk[i]!.usagePoint, code });
      else if (fresh) opened++;
    }
    onProgress?.(start + chunk.length, entries.length);
  }
  return { opened, already: entries.length - opened - refused.length, refused };
}

interface Outcome {
  readonly state?: OpenUsagePoint;
  readonly fresh: boolean;
  readonly code?: string;
}

async function openOne(platform: Platform, entry: PointEntry): Promise<Outcome> {
  const at = platform.clock.now();
  const commands = commandsOf(entry, at);
  const { tenant, usagePoint: id } = entry;
  try {
    // Refuses an id that no account can have, before anything is recorded.
    if (tenant !== undefined) account.decide({ type: 'OpenAccount', accountId: tenant.accountId, at }, account.initial);
    await checkFree(platform, id, commands);
    const { state, events } = await runDecider(platform.events, usagePointStream(id), usagePoint, commands);
    if (tenant !== undefined) await tellAccount(platform, id, tenant, at);
    if (await hasDays(platform, entry.meter.meterId)) await noteReseal(platform, id);
    return { state: state as OpenUsagePoint, fresh: events.some(({ type }) => type === 'UsagePointOpened') };
  } catch (error) {
    if (!(error instanceof JoulekeepError) || error.retryable) throw error;
    return { fresh: false, code: error.code };
  }
}

/** Days closed before anybody knew whose they are lie under the utility's key. */
async function hasDays(platform: Platform, meterId: string): Promise<boolean> {
  for await (const _stream of platform.events.streams(`meterday/${meterId}/`)) return true;
  return false;
}

function commandsOf({ meter, tenant, tariff, ...point }: PointEntry, at: number): UsagePointCommand[] {
  const commands: UsagePointCommand[] = [
    { type: 'OpenUsagePoint', ...point, at },
    { type: 'InstallMeter', registers: [], ...meter, at },
  ];
  if (tenant !== undefined) commands.push({ type: 'CutTenancy', subject: tenant.accountId, from: tenant.from, at });
  if (tariff !== undefined) commands.push({ type: 'AssignTariff', ...tariff, at });
  return commands;
}

async function tellAccount(
  platform: Platform,
  id: string,
  { accountId, from }: NonNullable<PointEntry['tenant']>,
  at: number,
): Promise<void> {
  const commands: AccountCommand[] = [
    { type: 'OpenAccount', accountId, at },
    { type: 'StartTenancy', usagePoint: id, from, at },
  ];
  await runDecider(platform.events, `account/${accountId}`, account, commands);
}
