import { quarterEnd, quarterStart } from '../../domain/demand/quarter.ts';
import { disclosureGate } from '../../domain/privacy/gate.ts';
import { ReleaseLedger } from '../../domain/privacy/ledger.ts';
import type { Area } from '../../domain/privacy/partition.ts';
import type { Defences } from '../../topology/defences.ts';

/** An interval that is out, as a stream says. */
export interface OutInterval {
  /** UTC s. */
  readonly end: number;
  /** 0 = nothing of it. */
  readonly revision: number;
  readonly apart?: unknown;
}

/** The ledger that every product of areas asks before anything of them goes out; empty. */
export function releaseLedger(defences: Pick<Defences, 'disclosureGate' | 'releaseLedger'>): ReleaseLedger {
  return new ReleaseLedger(disclosureGate(defences.disclosureGate), defences.releaseLedger);
}

/** An area of a quarter with what its stream says is out. @throws ERR_LEDGER_OVERLAP when a leaf of it is in another area of the quarter */
export function openArea(
  ledger: ReleaseLedger,
  area: Area,
  of: { readonly quarter: string; readonly intervalMinutes: number },
  told: Iterable<OutInterval>,
): void {
  const span = { from: quarterStart(of.quarter) / 1000, until: quarterEnd(of.quarter) / 1000 };
  ledger.open([area], { ...span, stepSeconds: of.intervalMinutes * 60 });
  for (const { end, revision, apart } of told)
    if (revision > 0 && end > span.from && end <= span.until) ledger.record(area.id, end, revision, apart !== undefined);
}
