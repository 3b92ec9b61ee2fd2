import type { KmsCall, KmsDay, KmsRecord, RecordFault } from '../ports/kms-record.ts';
import type { ObjectStore } from '../ports/platform.ts';
import { callsIn } from './trail-calls.ts';
import { hashOf, type NamedFile, readDigests, unpack } from './trail-digests.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** An event is delivered at most so long after it. */
const LATE_MS = HOUR_MS;
/** Files that are fetched side by side. */
const AT_ONCE = 8;

export interface TrailParts {
  /** The trail's bucket, of which nothing is ever written here. */
  readonly objects: Pick<ObjectStore, 'get' | 'list'>;
  readonly stage: string;
  readonly account: string;
  readonly region: string;
}

/**
 * The key service's record on AWS: a trail of CloudTrail with digests of its files. Which files there are, the digests say, and they are held
 * against each other and against the files. Their signatures people check, with `aws cloudtrail validate-logs`.
 */
export class TrailRecord implements KmsRecord {
  readonly #parts: TrailParts;

  constructor(parts: TrailParts) {
    this.#parts = parts;
  }

  async firstDay(): Promise<string | undefined> {
    const { objects, account, region } = this.#parts;
    const [first] = await objects.list(`AWSLogs/${account}/CloudTrail-Digest/${region}/`);
    const day = first === undefined ? undefined : /\/(\d{4})\/(\d{2})\/(\d{2})\//.exec(first);
    return day ? `${day[1]}-${day[2]}-${day[3]}` : undefined;
  }

  async readDay(day: string, after: string | undefined, take: (call: KmsCall) => void): Promise<KmsDay> {
    const from = Date.parse(day);
    const until = from + DAY_MS + LATE_MS;
    const last = after === undefined || after === '' ? undefined : (JSON.parse(after) as NamedFile);
    const keys = await this.#digestKeys(from, until, last);
    const { digests, faults } = await readDigests(this.#parts.objects, keys, { from, until }, last);
    const found: RecordFault[] = [...faults];
    let calls = 0;
    for (const digest of digests)
      for (let i = 0; i < digest.files.length; i += AT_ONCE) {
        const files = await Promise.all(digest.files.slice(i, i + AT_ONCE).map((file) => this.#read(file)));
        for (const file of files) {
          if (typeof file === 'string') found.push({ fault: file, from: digest.from, until: digest.until });
          else
            for (const call of file.filter(({ at }) => at >= from && at < from + DAY_MS)) {
              take(call);
              calls++;
            }
        }
      }
    // The hour behind the day is read again with the next one.
    const end = digests.findLast((digest) => digest.until <= from + DAY_MS)?.file ?? last;
    return { end: end === undefined ? '' : JSON.stringify(end), calls, faults: found };
  }

  /** Of the hours in the span and the one that ends it, without those read before, in order of time. */
  async #digestKeys(from: number, until: number, last: NamedFile | undefined): Promise<string[]> {
    const { objects, account, region } = this.#parts;
    const days = [from, from + DAY_MS].map((at) => new Date(at).toISOString().slice(0, 10).replaceAll('-', '/'));
    const lists = await Promise.all(days.map((path) => objects.list(`AWSLogs/${account}/CloudTrail-Digest/${region}/${path}/`)));
    const timed = lists.flat().flatMap((key) => {
      const ended = endOf(key);
      return ended === undefined || ended <= from || key === last?.object ? [] : [{ key, ended }];
    });
    timed.sort((a, b) => a.ended - b.ended);
    const ending = timed.findIndex(({ ended }) => ended >= until);
    return (ending === -1 ? timed : timed.slice(0, ending + 1)).map(({ key }) => key);
  }

  async #read({ object, hash }: NamedFile): Promise<readonly KmsCall[] | RecordFault['fault']> {
    const bytes = await this.#parts.objects.get(object);
    if (bytes === undefined) return 'missing';
    const content = unpack(bytes);
    return content === undefined || hashOf(content) !== hash ? 'altered' : callsIn(content, this.#parts.stage);
  }
}

/** When the hour of a digest ended, by its name, UTC ms. */
function endOf(key: string): number | undefined {
  const found = /_(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z\.json\.gz$/.exec(key);
  if (found === null) return undefined;
  const [, year, month, date, hour, minute, second] = found;
  return Date.parse(`${year}-${month}-${date}T${hour}:${minute}:${second}Z`);
}
