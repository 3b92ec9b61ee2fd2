import type { CloseDay } from '../../domain/meterday/command.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import type { OpenDay } from '../../domain/meterday/state.ts';
import type { ProfileFault, ReadingsCollected } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { subjectOfRow } from '../../platform/ports/subject-rows.ts';
import { VersionConflict } from '../../platform/ports/version-conflict.ts';
import type { Defences } from '../../topology/defences.ts';
import { isOpenTo, openSubjectData } from '../shared/access/subject-data.ts';
import { finalAt, localDay } from '../shared/days/local-days.ts';
import { type MeterPoint, pointOf } from '../shared/days/points.ts';
import type { DayBucket } from './day-bucket.ts';
import { collectedFor, type DayPlace, placesOf } from './day-frames.ts';
import { appendWork, concludeWith, type DayWork, decideOn, foldWork, openState, workOn } from './day-writer.ts';
import { EarlierDays } from './earlier-days.ts';
import { historyIn, openHistory } from './history.ts';
import { MeterKeys } from './meter-keys.ts';
import type { RosterMember } from './roster.ts';
import { withKeys } from './subject-keys.ts';
import type { Tally } from './tally.ts';
import { verifyDay } from './verify-day.ts';
import { watchMeter } from './watch.ts';

/** One meter's local day to be closed. */
export interface MeterDayJob {
  readonly number: number;
  readonly member: RosterMember;
  /** `yyyy-mm-dd`. */
  readonly day: string;
  /** Whether the day falls due with this pass; else it is looked at again. */
  readonly due: boolean;
  /** What came; undefined when nothing did and the day is only to be looked at again. */
  readonly bucket: DayBucket | undefined;
  /** Afterwards: nothing is left to do unless something comes late. */
  final: boolean;
}

/** What a pass has in common for all its days. */
export interface Run {
  readonly through: ReadingsCollected['through'];
  /** Hashes of days' seals by member and end of day, read and added to. */
  readonly seals: Map<string, string>;
  readonly tally: Tally;
}

type CloserDefences = Pick<Defences, 'profileSeal' | 'billableHold'>;
const ATTEMPTS = 6;

/** A job with its streams, one per part of the day. */
interface Opened {
  readonly job: MeterDayJob;
  readonly works: DayWork[];
  /** To whose day it is, on record before a key of theirs was loaded. */
  readonly access: SubjectAccess;
}

/** A day that lacks something, to be closed when its history is at hand. */
interface Gapped {
  readonly work: DayWork;
  readonly closing: CloseDay;
  readonly silent: boolean;
}

/** Closes days in groups: their keys loaded at once, their commits in one flush. */
export class Closer {
  readonly #platform: Platform;
  readonly #defences: CloserDefences;
  readonly #keys: MeterKeys;
  readonly #earlier: EarlierDays;

  constructor(platform: Platform, defences: CloserDefences) {
    this.#platform = platform;
    this.#defences = defences;
    this.#keys = new MeterKeys(platform.events);
    this.#earlier = new EarlierDays(platform);
  }

  /** Resolves when everything of the group is on stable storage; says in each job whether its day is final. */
  async close(jobs: readonly MeterDayJob[], run: Run): Promise<void> {
    const points = await pointOf(
      this.#platform,
      jobs.map(({ member }) => member.meterId),
    );
    const opened = await this.#open(jobs.map((job, i) => ({ job, places: this.#places(job, points[i]!) })));
    for (let left = opened, attempt = 1; left.length > 0; attempt++) {
      await this.#fold(left);
      const gapped: Gapped[] = [];
      for (const one of left) gapped.push(...(await this.#decide(one, run, attempt)));
      await this.#estimate(gapped);
      left = await this.#append(left, attempt, run.tally);
    }
  }

  /** A meter that never spoke and belongs nowhere has no days. */
  #places({ member, day, bucket }: MeterDayJob, points: readonly MeterPoint[]): DayPlace[] {
    if (points.length === 0 && member.lastEnd === 0 && (bucket?.silent ?? true)) return [];
    return placesOf(member, points, localDay(day, member.asset.zone));
  }

  /** Whoever seals holds the key that opens: the access is on record before any key is loaded (docs/adr/0070). */
  async #open(jobs: readonly { job: MeterDayJob; places: readonly DayPlace[] }[]): Promise<Opened[]> {
    const { events } = this.#platform;
    const due = jobs.filter(({ places }) => places.length > 0);
    if (due.length === 0) return [];
    const access = await this.#access(due.flatMap(({ places }) => places));
    const sealable = await withKeys(events, due);
    return Promise.all(
      sealable.map(async ({ job, places }) => {
        const works = places.map(async (place) => workOn(place, await events.head(place.stream, place.subject)));
        return { job, works: await Promise.all(works), access };
      }),
    );
  }

  /** Reads the streams that exist already. */
  async #fold(opened: readonly Opened[]): Promise<void> {
    const { events } = this.#platform;
    const works = opened.flatMap((one) => one.works).filter(({ head }) => head.version >= 0);
    if (works.length === 0) return;
    // Whose it was when parts of it were sealed: a correction may be under way.
    const rows = (await Promise.all(works.map(({ place }) => events.rowsOf(place.stream)))).flat();
    const sealedFor = rows.map((row) => subjectOfRow(row)?.subject).filter((subject) => subject !== undefined);
    const { access } = opened[0]!;
    const known = sealedFor.every((subject) => isOpenTo(access, subject));
    const places = works.map(({ place }) => place);
    const wider = known ? access : await this.#access(places, sealedFor);
    for (const work of works) await foldWork(events, work, wider);
  }

  #access(places: readonly DayPlace[], sealedFor: readonly string[] = []): Promise<SubjectAccess> {
    const frames = places.map(({ frame }) => frame);
    return openSubjectData(this.#platform, {
      purpose: 'close-day',
      from: Math.min(...frames.map(({ start }) => start)) * 1000,
      until: Math.max(...frames.map(({ end }) => end)) * 1000,
      subjects: [...frames.map(({ subject }) => subject), ...sealedFor],
    });
  }

  async #decide({ job, works }: Opened, { through, seals, tally }: Run, attempt: number): Promise<Gapped[]> {
    const at = this.#platform.clock.now();
    const { bucket } = job;
    for (const work of works) {
      const { frame, initial, final } = work.place;
      if (bucket === undefined && (work.state.status === 'empty' || (initial ?? final) === undefined)) continue;
      const readings = {
        frame,
        through: { ...through, since: job.member.since },
        channels: collectedFor(work.place, bucket),
        seals: bucket?.seals ?? [],
        outages: bucket === undefined ? [] : clipped(bucket, frame),
        at,
      };
      decideOn(work, { type: 'CollectReadings', readings });
    }
    const known = works.filter(({ state }) => state.status === 'open');
    if (known.length === 0) return [];
    if (this.#defences.profileSeal && known.some(({ events }) => events.length > 0)) await this.#verify(job, known, seals, at);
    for (const work of known) restateWorth(work, at);
    const warnings = job.due && attempt === 1 ? this.#watch(job.member, known, tally, at) : 0;
    return known.flatMap((work) => this.#closeOne(work, job, warnings, at));
  }

  #watch(member: RosterMember, works: readonly DayWork[], tally: Tally, at: number): number {
    const { warnings, prolonged, fellSilent } = watchMeter(member, works.map(openState), works[0]!.place.policy, at);
    if (prolonged) tally.prolonged++;
    if (fellSilent) tally.silent++;
    return warnings;
  }

  async #verify({ member, number, day }: MeterDayJob, works: readonly DayWork[], seals: Map<string, string>, at: number): Promise<void> {
    const { start, end } = localDay(day, member.asset.zone);
    const states = works.map(openState);
    const sealed = states.some((state) => state.seals.length > 0);
    const keys = sealed ? await this.#keys.of(member.meterId) : [];
    const verdict = verifyDay(states, { start, end }, keys, seals.get(`${number}/${start}`));
    if (verdict.sealHash !== undefined) seals.set(`${number}/${end}`, verdict.sealHash);
    const { seal, chain } = verdict;
    for (const [i, work] of works.entries()) {
      const faults = faultsWithin(verdict.faults, states[i]!);
      decideOn(work, { type: 'RecordVerification', seal, chain, faults, at });
    }
  }

  /** Closes a day that lacks nothing; one with gaps is handed back: history is read only for them. */
  #closeOne(work: DayWork, { day, member }: MeterDayJob, warnings: number, at: number): Gapped[] {
    const { billableHold, profileSeal } = this.#defences;
    const closing = {
      type: 'CloseDay' as const,
      policy: work.place.policy,
      due: at >= finalAt(day, member.asset.zone),
      hold: billableHold,
      seal: profileSeal,
      warnings,
      ...(work.place.disconnected === undefined ? {} : { disconnected: work.place.disconnected }),
      at,
    };
    const decided = meterDay.decide(closing, work.state);
    if (decided.some(({ type }) => type === 'SlotsEstimated')) return [{ work, closing, silent: isSilentAt(member, work.place.frame.end) }];
    concludeWith(work, decided);
    return [];
  }

  /** One record of access for all of a group; what it opens is read once. */
  async #estimate(gapped: readonly Gapped[]): Promise<void> {
    if (gapped.length === 0) return;
    const frames = gapped.map(({ work }) => work.place.frame);
    const access = await openHistory(this.#platform, frames, { purpose: 'estimation' });
    for (const { work, closing, silent } of gapped) {
      const { frame, channels, policy } = work.place;
      const history = await historyIn(this.#earlier, { frame, channels, meterClass: policy.meterClass, silent }, access);
      concludeWith(work, meterDay.decide({ ...closing, history }, work.state));
    }
  }

  /** @returns what another writer was faster with, to be read and decided again */
  async #append(opened: readonly Opened[], attempt: number, tally: Tally): Promise<Opened[]> {
    const { events } = this.#platform;
    const lost: Opened[] = [];
    const writing = opened.map(async (one) => {
      const settled = await Promise.allSettled(one.works.map((work) => appendWork(events, work)));
      const failed = settled.filter((result) => result.status === 'rejected').map(({ reason }) => reason as unknown);
      const fatal = failed.find((reason) => !(reason instanceof VersionConflict) || attempt === ATTEMPTS);
      if (fatal !== undefined) throw fatal;
      if (failed.length > 0) lost.push(await this.#again(one));
      else {
        for (const { place } of one.works) this.#earlier.forget(place.frame);
        conclude(one, tally);
      }
    });
    await Promise.all(writing);
    return lost;
  }

  async #again({ job, works, access }: Opened): Promise<Opened> {
    const { events } = this.#platform;
    return {
      job,
      access,
      works: await Promise.all(works.map(async ({ place }) => workOn(place, await events.head(place.stream, place.subject)))),
    };
  }
}

/** Where a corrected multiplier says that counts are worth something else than the day says, its energy is stated again. */
function restateWorth(work: DayWork, at: number): void {
  const { channels, corrected } = work.place;
  if (corrected === undefined) return;
  const known = openState(work).channels;
  const perCount = channels.flatMap(({ scale, multiplier }, channel) => {
    const standing = known[channel];
    return standing === undefined || standing.perCount === scale * multiplier ? [] : [{ channel, perCount: scale * multiplier }];
  });
  if (perCount.length > 0) decideOn(work, { type: 'RestateDay', perCount, ...corrected, at });
}

function conclude({ job, works }: Opened, tally: Tally): void {
  job.final = works.every(({ standing }) => standing?.final ?? true);
  for (const { events, standing } of works) {
    tally.days++;
    if (events.length > 0) tally.commits++;
    if (standing?.held) tally.held++;
    for (const { type } of events) {
      if (type === 'DayFinalized') tally.finalized++;
      else if (type === 'DayRestated') tally.restated++;
    }
  }
}

/** Nothing came of the meter since the slot that ends the day; what moved away speaks elsewhere. @param end UTC s */
function isSilentAt({ lastEnd, until }: RosterMember, end: number): boolean {
  return lastEnd < end && until === undefined;
}

function clipped({ outages }: DayBucket, { start, end }: { start: number; end: number }): { from: number; until: number }[] {
  if (outages.length === 0) return [];
  return outages
    .map(({ from, until }) => ({ from: Math.max(from, start), until: Math.min(until, end) }))
    .filter(({ from, until }) => from < until);
}

function faultsWithin(faults: readonly ProfileFault[], { frame }: OpenDay): ProfileFault[] {
  if (faults.length === 0) return [];
  return faults
    .map((fault) => ({ ...fault, from: Math.max(fault.from, frame.start), until: Math.min(fault.until, frame.end) }))
    .filter(({ from, until }) => from < until);
}
