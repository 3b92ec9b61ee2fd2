import { createHash } from 'node:crypto';
import type { BillProof } from '../../api/bill-proof.ts';
import type { TariffAssignment } from '../../domain/billing/billing-input.ts';
import { canonical } from '../../domain/billing/canonical.ts';
import { ratePeriod } from '../../domain/billing/rating.ts';
import type { TariffSeries } from '../../domain/tariff/series.ts';
import type { BillComputed, BillRerated, BillStatement } from '../../events/index.ts';
import { inputOf } from '../../lambdas/billing/bill-basis.ts';
import { localMinutesOf } from '../../lambdas/billing/local-minutes.ts';
import { standing } from '../../lambdas/billing/recorded-days.ts';
import { loadSeries } from '../../lambdas/billing/series-file.ts';
import { loadTariff } from '../../lambdas/billing/tariff-file.ts';
import type { OpenedCommit } from './open-commits.ts';
import { ProofFault } from './proof-fault.ts';
import type { BilledDay } from './proven-days.ts';
import { publicationOf } from './published-tariff.ts';

/** The tariffs a bill names, from the commits that published them. @throws ProofFault */
export function billedTariffs(
  statement: BillStatement,
  commits: readonly OpenedCommit[],
  series: BillProof['series'],
): readonly TariffAssignment[] {
  const loaded = seriesByKey(series);
  const used = { commits: new Set<OpenedCommit>(), series: new Set<string>() };
  const assigned = statement.tariffs.map(({ tariff: id, version, from }, i): TariffAssignment => {
    const publication = publicationOf(commits, id, version);
    if (publication === undefined) throw new ProofFault('streams', `tariff ${id} version ${version}, which the bill names, is not here`);
    used.commits.add(publication.commit);
    const { document, from: since, series: named = [] } = publication.published;
    const { tariff, from: dated } = loadTariff(document, `tariff ${id}`);
    if (tariff.id !== id || dated !== since)
      throw new ProofFault(
        'lines',
        `tariff ${id} version ${version} holds from ${since} on, and its document says ${tariff.id} from ${dated} on`,
      );
    if (from < since)
      throw new ProofFault('lines', `tariff ${id} version ${version} holds from ${since} on, and is charged from ${from} on`);
    const before = statement.tariffs[i - 1];
    if (before?.tariff === id && from !== since)
      throw new ProofFault(
        'lines',
        `tariff ${id} version ${version} holds from ${since} on, and takes over from version ${before.version} on ${from}`,
      );
    const prices = named.map(({ name, key }) => {
      const file = loaded.get(key);
      if (file === undefined) throw new ProofFault('streams', `${key}, which tariff ${id} names, is not here`);
      used.series.add(key);
      return [name, file] as const;
    });
    return { tariff, version, from, series: new Map(prices) };
  });
  if (used.commits.size !== commits.length || used.series.size !== series.length)
    throw new ProofFault('streams', 'there are tariffs that the bill does not name');
  return assigned;
}

function seriesByKey(series: BillProof['series']): ReadonlyMap<string, TariffSeries> {
  return new Map(
    series.map(({ key, text }) => {
      const hash = createHash('sha256').update(text).digest('hex');
      if (key !== `tariff-series/${hash}`) throw new ProofFault('lines', `${key} is not the file of prices that it says`);
      return [key, loadSeries(text, key)] as const;
    }),
  );
}

/** Rates the period again and holds every line, sum and total against the bill. @throws ProofFault */
export function checkLines(bill: BillComputed | BillRerated, days: readonly BilledDay[], tariffs: readonly TariffAssignment[]): void {
  const { demandApprovedBy } = bill;
  const rated = ratedAgain(bill, {
    days: days.map((day) => ratedDay(day, bill.basis!.zone)),
    tariffs,
    ...(demandApprovedBy === undefined ? {} : { demandApprovedBy }),
  });
  for (const [i, line] of rated.lines.entries())
    if (canonical(line) !== canonical(bill.lines[i]))
      throw new ProofFault('lines', `line ${i + 1}, ${line.code}, comes to ${line.amountMicro}`);
  const own = factsOf(bill);
  for (const [name, value] of Object.entries(factsOf(rated)))
    if (canonical(value) !== canonical(own[name]))
      throw new ProofFault('lines', `${name} of the bill is not what its days and tariffs give`);
  if (Object.keys(own).length !== Object.keys(factsOf(rated)).length)
    throw new ProofFault('lines', 'the bill says more than its days give');
}

function ratedAgain(bill: BillStatement, known: Parameters<typeof inputOf>[1]): BillStatement {
  try {
    return ratePeriod(inputOf(bill, known)).statement;
  } catch (error) {
    throw new ProofFault('lines', `the bill can not be rated again: ${(error as Error).message}`);
  }
}

function ratedDay({ stream, state }: BilledDay, zone: string) {
  const { day, start, minutes } = state.frame;
  const { revision, held, channels } = standing(state)!;
  const localMinutes = localMinutesOf(start, state.slots, minutes, zone);
  const rated = channels.map(({ asset: { obis, direction, unit }, ...rest }) => ({ obis, direction, unit, ...rest }));
  return { stream, day, start, minutes, localMinutes, revision, held, channels: rated };
}

/** What rating gives; it goes by the bill's own period and spans. How the bill went out, and why, is decided besides. */
function factsOf(statement: BillStatement): Readonly<Record<string, unknown>> {
  const { currency, lines, totalMicro, inputs, tariffs, estimatedPerMille } = statement;
  const { importWh, exportWh, maximumWh, carriedWh, carriedMicro } = statement;
  const optional = Object.entries({ importWh, exportWh, maximumWh, carriedWh, carriedMicro }).filter(([, value]) => value !== undefined);
  return { currency, lines, totalMicro, inputs, tariffs, estimatedPerMille, ...Object.fromEntries(optional) };
}
