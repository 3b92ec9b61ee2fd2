import type { Service } from '../service/service.ts';
import type { Played } from './play.ts';
import { type Recorded, recorded } from './reconciliation.ts';
import { framesTakenBack } from './taken-back.ts';

/** Both sides of the account: what the fleet measured and sent, what the MDMS recorded. */
export interface Reconciliation {
  readonly played: Played;
  readonly recorded: Recorded;
  /** Frames that were recorded, and that a restore of this state took back. */
  readonly takenBack: number;
  readonly framesReconcile: boolean;
  readonly energyReconciles: boolean;
  readonly readingsReconcile: boolean;
  readonly holds: boolean;
}

export async function reconcile(service: Service, stateDir: string, played: Played): Promise<Reconciliation> {
  const auditor = service.platform.as('auditor');
  const stored = await recorded(auditor);
  const takenBack = await framesTakenBack(stateDir, auditor.events);
  const { truth } = played;
  const framesReconcile = truth.framesPublished === stored.accepted + stored.duplicate + stored.quarantined + takenBack;
  const energyReconciles = truth.wh === stored.storedWh;
  const readingsReconcile = truth.readings === stored.readings;
  const holds = framesReconcile && energyReconciles && readingsReconcile;
  return { played, recorded: stored, takenBack, framesReconcile, energyReconciles, readingsReconcile, holds };
}

/** The one JSON object of `--once --json`. */
export function summary({ played, recorded: stored, takenBack }: Reconciliation) {
  return {
    framesIn: played.truth.framesPublished,
    accepted: stored.accepted,
    duplicate: stored.duplicate,
    quarantined: stored.quarantined,
    takenBack,
    readings: stored.readings,
    meterTruthWh: played.truth.wh,
    storedWh: stored.storedWh,
    refusedByReason: stored.refusedByReason,
    commits: stored.commits,
    seconds: Math.round(played.seconds * 1000) / 1000,
  };
}

export function writeReconciliation(reconciliation: Reconciliation, say: (line: string) => void): void {
  const { played, recorded: stored, takenBack } = reconciliation;
  const { truth } = played;
  const number = (value: number) => value.toLocaleString('en');
  const mark = (holds: boolean) => (holds ? 'reconciles' : 'DOES NOT RECONCILE');
  if (truth.adversary !== undefined) {
    const sent = Object.entries(truth.adversary).filter(([, count]) => count > 0);
    say('');
    say('What the hostile concentrator did since the first play began');
    for (const [kind, count] of sent) say(`  ${words(kind).padEnd(24)}${number(count).padStart(10)}`);
    say('What the service refused, and counted once');
    for (const [reason, count] of Object.entries(stored.refusedByReason))
      say(`  quarantined: ${reason.padEnd(20)}${number(count ?? 0).padStart(10)}`);
    say(`  ${'counted once'.padEnd(24)}${number(stored.duplicate).padStart(10)}   duplicates of accepted frames`);
    for (const [reason, count] of Object.entries(truth.refusedByMeters))
      say(`  refused by meters: ${reason.padEnd(14)}${number(count).padStart(10)}`);
  }
  say('');
  say('Reconciliation');
  const gone = takenBack === 0 ? '' : ` + ${number(takenBack)} taken back`;
  const parts = `${number(stored.accepted)} accepted + ${number(stored.duplicate)} duplicate + ${number(stored.quarantined)} quarantined${gone}`;
  say(`  frames    ${number(truth.framesPublished)} in = ${parts}   ${mark(reconciliation.framesReconcile)}`);
  const missing = truth.readings - stored.readings;
  if (takenBack > 0)
    say(
      `  restored  ${number(takenBack)} ${takenBack === 1 ? 'frame was' : 'frames were'} recorded and taken back by a restore: ${missing > 0 ? 'meters send again what was in them' : 'what was in them has come again'}`,
    );
  say(`  readings  ${number(truth.readings)} measured, ${number(stored.readings)} stored   ${mark(reconciliation.readingsReconcile)}`);
  say(`  energy    ${number(truth.wh)} Wh by the meters, ${number(stored.storedWh)} Wh stored   ${mark(reconciliation.energyReconciles)}`);
  const { unacknowledged } = played.settled;
  if (missing > 0 && unacknowledged > 0)
    say(
      `  open      ${number(missing)} readings have not come: meters keep ${number(unacknowledged)} until they are acknowledged, and send them again`,
    );
  say(`  ${number(stored.commits)} commits in ${played.seconds.toFixed(1)} s`);
}

/** `sequenceReused` to `sequence reused`. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
