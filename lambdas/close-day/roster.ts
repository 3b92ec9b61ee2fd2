import type { AssetRecord, DomainEvent } from '../../events/index.ts';

/** A meter of the segment, by its number there. */
export interface RosterMember {
  readonly meterId: string;
  readonly asset: AssetRecord;
  /** UTC ms of joining this segment. */
  readonly since: number;
  /** UTC ms of leaving it; absent while it is here. */
  readonly until?: number;
  /** End of its newest interval that was read, UTC s; 0 = it never spoke. */
  lastEnd: number;
  /** Days in a row up to the last one closed that stand on estimates (V24). */
  estimatedDays: number;
  /** V26 held on the last day closed. */
  silent: boolean;
}

/** Who is in a segment and who was: numbers are never given twice, so one list serves commits of any age. */
export class Roster {
  readonly members: (RosterMember | undefined)[] = [];
  readonly #numbers = new Map<string, number>();

  set(number: number, member: RosterMember): void {
    while (this.members.length < number) this.members.push(undefined);
    this.members[number] = member;
    this.#numbers.set(member.meterId, number);
  }

  numberOf(meterId: string): number | undefined {
    return this.#numbers.get(meterId);
  }

  /** Applied twice, an event changes nothing more. */
  apply(event: DomainEvent): void {
    if (event.type === 'MeterJoined') {
      const { meterId, member, asset, at } = event.data;
      const known = this.members[member];
      if (known === undefined) this.set(member, { meterId, asset, since: at, lastEnd: 0, estimatedDays: 0, silent: false });
    } else if (event.type === 'MemberAmended' && event.data.asset !== undefined) {
      this.#change(event.data.meterId, { asset: event.data.asset });
    } else if (event.type === 'MeterLeft') {
      this.#change(event.data.meterId, { until: event.data.at });
    }
  }

  #change(meterId: string, change: Partial<RosterMember>): void {
    const number = this.#numbers.get(meterId);
    if (number !== undefined) this.members[number] = { ...this.members[number]!, ...change };
  }
}
