import type { KeyObject } from 'node:crypto';
import type { KmsCall, KmsDay, RecordFault } from '../../ports/kms-record.ts';
import { type RecordBlock, type RecordHead, readLine } from './record-block.ts';
import type { RecordFiles } from './record-files.ts';

/** Where a reader is: the line it read last. */
interface Place {
  readonly mark: string;
  readonly event: RecordBlock['event'];
  /** UTC ms. */
  readonly at: number;
}

/** Reads a day of the record and holds its lines against each other, against the day before, and against what comes behind. */
export class RecordReader {
  readonly #files: RecordFiles;
  readonly #key: KeyObject;
  readonly #head: () => RecordHead;

  /** @param head where whoever writes is */
  constructor(files: RecordFiles, key: KeyObject, head: () => RecordHead) {
    this.#files = files;
    this.#key = key;
    this.#head = head;
  }

  /** As of `KmsRecord`, for a date that is over. */
  async readDay(day: string, after: string | undefined, take: (call: KmsCall) => void): Promise<KmsDay> {
    const head = this.#head();
    const walk = new Walk(after === undefined || after === '' ? undefined : (JSON.parse(after) as Place), Date.parse(day));
    let calls = 0;
    for await (const line of this.#files.lines(day)) {
      if (line === '') continue;
      const found = readLine(this.#key, line);
      walk.pass(found?.block, found?.head.mark);
      for (const call of found?.block.calls ?? []) {
        take(call);
        calls++;
      }
    }
    const next = await this.#markBehind(day);
    walk.end(next ?? head.mark);
    return { end: walk.place === undefined ? '' : JSON.stringify(walk.place), calls, faults: walk.faults };
  }

  /** Mark that the first sound line behind a day continues. */
  async #markBehind(day: string): Promise<string | undefined> {
    for (const later of this.#files.days().filter((name) => name > day))
      for await (const line of this.#files.lines(later)) {
        const found = readLine(this.#key, line);
        if (found !== undefined) return found.block.before;
      }
    return undefined;
  }
}

class Walk {
  readonly faults: RecordFault[] = [];
  place: Place | undefined;
  /** A line that the key service did not write, or not to its end, lies behind `place`. */
  #strange = false;
  readonly #dayStart: number;

  constructor(place: Place | undefined, dayStart: number) {
    this.place = place;
    this.#dayStart = dayStart;
  }

  pass(block: RecordBlock | undefined, mark = ''): void {
    if (block === undefined) {
      this.#strange = true;
      return;
    }
    const continues = this.place === undefined || block.before === this.place.mark;
    const reopened = block.event === 'opened' && this.place !== undefined && this.place.event !== 'closed';
    if (!continues) this.#tell(this.#strange ? 'altered' : 'missing', block.at);
    else if (reopened) this.#tell('broken-off', block.at);
    else if (this.#strange) this.#tell('altered', block.at);
    this.#strange = false;
    this.place = { mark, event: block.event, at: block.at };
  }

  /** @param before what the line behind the day continues, or where whoever writes is */
  end(before: string): void {
    const until = this.place?.at ?? this.#dayStart;
    if (this.#strange) this.#tell('altered', until);
    else if (this.place !== undefined && before !== this.place.mark) this.#tell('missing', until);
  }

  #tell(fault: RecordFault['fault'], until: number): void {
    this.faults.push({ fault, from: this.place?.at ?? this.#dayStart, until });
  }
}
