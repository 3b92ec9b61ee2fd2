import type { BillProof } from '../../api/bill-proof.ts';
import { openCommit, trustedCheckpoint } from '../../bin/proof/open-commits.ts';
import type { TariffAssignment } from '../../domain/billing/billing-input.ts';
import { ratePeriod } from '../../domain/billing/rating.ts';
import type { BillComputed } from '../../events/index.ts';
import { inputOf } from '../../lambdas/billing/bill-basis.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { loadTariff } from '../../lambdas/billing/tariff-file.ts';
import { daysToRate, issuedTo } from './false-bills.ts';
import { type ProofWorld, TARIFF } from './proof-world.ts';

interface ByHand {
  /** Another version of the tariff, JSON; it is published. */
  readonly text?: string;
  /** Which of the home's days stay in it. */
  readonly keep?: (stream: string) => boolean;
}

/** The first bill of a home, with its proof, and its days as the reader opens them. */
export async function provenDays(world: ProofWorld, home: string) {
  await world.log();
  const proof = JSON.parse(await world.prove(home)) as BillProof;
  const head = trustedCheckpoint(proof, await world.trust());
  const issued = await issuedTo(world, home);
  const opened = proof.days.map((one) => openCommit(one, head));
  return { proof, head, issued, days: daysToRate(issued, opened) };
}

/** The first bill of a home as somebody changed it, rated so that every line follows: what the reader finds is in what was changed. */
export async function ratedByHand(
  world: ProofWorld,
  home: string,
  change: (bill: BillComputed) => BillComputed,
  { text, keep = () => true }: ByHand = {},
): Promise<BillComputed> {
  const { version } =
    text === undefined ? { version: 1 } : await publishTariff(world.platform.as('billing'), { file: 'bands.json', text }, new Map());
  const { issued, days } = await provenDays(world, home);
  const bill = change(issued);
  const { tariff } = loadTariff(text ?? JSON.stringify(TARIFF), 'bands.json');
  const tariffs = bill.tariffs.map(({ from }): TariffAssignment => ({ tariff, version, from, series: new Map() }));
  const input = inputOf(bill, { days: days.filter(({ stream }) => keep(stream)), tariffs });
  // What the bill says of its period, also where nobody who counts says so.
  const { statement } = ratePeriod({ ...input, calendarDays: bill.basis!.calendarDays });
  return { ...bill, ...statement };
}

/** One tariff, from each of these days on. */
export const chargedFrom =
  (...days: readonly string[]) =>
  (bill: BillComputed): BillComputed => ({ ...bill, tariffs: days.map((from) => ({ ...bill.tariffs[0]!, from })) });
