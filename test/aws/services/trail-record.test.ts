import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { S3Objects } from '../../../platform/aws/objects.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { TrailRecord } from '../../../platform/aws/trail-record.ts';
import type { KmsCall, KmsDay } from '../../../platform/ports/kms-record.ts';
import { fakeS3 } from './support/fake-s3.ts';

const HOUR = 3_600_000;
const ACCOUNT = '111122223333';
const REGION = 'eu-central-1';
const START = Date.UTC(2026, 0, 14, 22, 30);

let bodies: Map<string, Buffer>;
let record: TrailRecord;
let digestKeys: string[];

const folder = (at: number) => new Date(at).toISOString().slice(0, 10).replaceAll('-', '/');
const stamp = (at: number) => new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

function event(at: number, changes: object = {}): object {
  return {
    eventSource: 'kms.amazonaws.com',
    eventName: 'Decrypt',
    eventTime: new Date(at).toISOString().replace('.000', ''),
    userIdentity: {
      type: 'AssumedRole',
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/joulekeep-dev-billing/joulekeep-dev-billing`,
      sessionContext: { sessionIssuer: { type: 'Role', userName: 'joulekeep-dev-billing' } },
    },
    requestParameters: { keyId: 'alias/joulekeep-dev-subject-kek', encryptionContext: { row: 'usage/anna/2026-01/1', subject: 'anna' } },
    ...changes,
  };
}

/** A trail as CloudTrail writes it from half past ten of the 14th: a digest an hour, each naming the one before. */
function writeTrail(hours: number, eventsAt: (hour: number, from: number) => readonly object[]): void {
  let before: { object: string; text: string } | undefined;
  for (let hour = 0; hour < hours; hour++) {
    const [from, until] = [START + hour * HOUR, START + (hour + 1) * HOUR];
    const events = eventsAt(hour, from);
    const logFiles: object[] = [];
    if (events.length > 0) {
      const object = `AWSLogs/${ACCOUNT}/CloudTrail/${REGION}/${folder(from)}/${ACCOUNT}_CloudTrail_${REGION}_${stamp(from).slice(0, 13)}Z_${hour}.json.gz`;
      const text = JSON.stringify({ Records: events });
      bodies.set(object, gzipSync(text));
      logFiles.push({ s3Bucket: 'record', s3Object: object, hashValue: hash(text), hashAlgorithm: 'SHA-256' });
    }
    const object = `AWSLogs/${ACCOUNT}/CloudTrail-Digest/${REGION}/${folder(until)}/${ACCOUNT}_CloudTrail-Digest_${REGION}_key-record_${REGION}_${stamp(until)}.json.gz`;
    const text = JSON.stringify({
      digestStartTime: new Date(from).toISOString(),
      digestEndTime: new Date(until).toISOString(),
      previousDigestS3Object: before?.object ?? null,
      previousDigestHashValue: before === undefined ? null : hash(before.text),
      logFiles,
    });
    bodies.set(object, gzipSync(text));
    digestKeys.push(object);
    before = { object, text };
  }
}

async function read(day: string, after?: string): Promise<KmsDay & { readonly heard: readonly KmsCall[] }> {
  const heard: KmsCall[] = [];
  return { ...(await record.readDay(day, after, (call) => heard.push(call))), heard };
}

beforeEach(() => {
  bodies = new Map();
  digestKeys = [];
  const objects = new S3Objects({ client: fakeS3([], bodies), bucket: 'record', operations: new OperationCounts() });
  record = new TrailRecord({ objects, stage: 'dev', account: ACCOUNT, region: REGION });
});

describe('the key service’s record on AWS', () => {
  it('tells who asked for what, by the role of the principal, and leaves out other services and other days', async () => {
    const at = Date.UTC(2026, 0, 15, 9, 45);
    const stranger = { userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/eve` }, errorCode: 'AccessDenied' };
    writeTrail(40, (_, from) =>
      from === Date.UTC(2026, 0, 15, 9, 30) ? [event(at), event(at, stranger), event(at, { eventSource: 's3.amazonaws.com' })] : [],
    );
    const { heard, faults, calls } = await read('2026-01-15');
    const asked = { at, operation: 'decrypt', keyId: 'subject-kek', context: { row: 'usage/anna/2026-01/1', subject: 'anna' } };
    expect(heard).toEqual([
      { ...asked, principal: 'billing', outcome: 'ok' },
      { ...asked, principal: `arn:aws:iam::${ACCOUNT}:user/eve`, outcome: 'AccessDenied' },
    ]);
    expect([faults, calls]).toEqual([[], 2]);
    expect(await record.firstDay()).toBe('2026-01-14');
  });

  it('has every event on its own day once, whatever hour delivered it', async () => {
    // One each quarter of an hour, delivered up to half an hour late.
    writeTrail(80, (_, from) => [-2, -1, 0, 1].map((n) => event(from + n * 900_000)));
    const first = await read('2026-01-15');
    const second = await read('2026-01-16', first.end);
    for (const [day, { heard, faults }] of [
      ['2026-01-15', first],
      ['2026-01-16', second],
    ] as const) {
      expect(faults).toEqual([]);
      expect(heard.map(({ at }) => at).toSorted()).toEqual(Array.from({ length: 96 }, (_, n) => Date.parse(day) + n * 900_000));
    }
  });
});

describe('C10.1-1: a trail that was tampered with says so', () => {
  beforeEach(() => writeTrail(80, (_, from) => [event(from)]));
  const faults = async (day = '2026-01-15', after?: string) => [...new Set((await read(day, after)).faults.map(({ fault }) => fault))];
  const fileOf = (hour: number) => [...bodies.keys()].filter((key) => key.includes('/CloudTrail/')).sort()[hour]!;
  const edit = (key: string, change: (text: string) => string) =>
    bodies.set(key, gzipSync(change(gunzipSync(bodies.get(key)!).toString())));

  it('C10.1-1: untouched it is sound', async () => {
    expect(await faults()).toEqual([]);
  });

  it('C10.1-1: a file that is gone, one that was altered, one that is no file', async () => {
    bodies.delete(fileOf(5));
    expect(await faults()).toEqual(['missing']);
    edit(fileOf(6), (text) => text.replaceAll('anna', 'ben'));
    expect(await faults()).toEqual(['missing', 'altered']);
    bodies.set(fileOf(7), Buffer.from('nothing'));
    expect((await read('2026-01-15')).faults.map(({ fault }) => fault)).toEqual(['missing', 'altered', 'altered']);
  });

  it('C10.1-1: a digest that is gone, in the middle or at the end', async () => {
    bodies.delete(digestKeys[10]!);
    expect(await faults()).toEqual(['missing']);
  });

  it('C10.1-1: the trail was switched off before the day ended', async () => {
    for (const key of digestKeys.slice(12)) bodies.delete(key);
    expect(await faults()).toEqual(['missing']);
  });

  it('C10.1-1: a digest that is no digest: torn, no JSON, or of another shape', async () => {
    const others = ['', '{"digestStartTime":', 'null', '[]', '{}', '{"digestStartTime":"yesterday"}'];
    const whole = gunzipSync(bodies.get(digestKeys[10]!)!).toString();
    for (const text of [
      ...others,
      whole.replace('"logFiles":[', '"logFiles":[7,'),
      whole.replace(/"digestEndTime":"[^"]*"/, '"digestEndTime":"late"'),
    ]) {
      edit(digestKeys[10]!, () => text);
      // The next one names what lay there.
      expect((await read('2026-01-15')).faults.map(({ fault }) => fault)[0], text).toBe('altered');
    }
  });

  it('C10.1-1: a digest that leaves out a file', async () => {
    edit(digestKeys[10]!, (text) => JSON.stringify({ ...JSON.parse(text), logFiles: [] }));
    expect(await faults()).toEqual(['altered']);
  });

  it('C10.1-1: a chain that was begun anew, by where it stood the night before', async () => {
    const { end } = await read('2026-01-15');
    const all = digestKeys;
    bodies.clear();
    digestKeys = [];
    writeTrail(80, () => []);
    expect(digestKeys).toEqual(all);
    expect(await faults('2026-01-16', end)).toEqual(['altered']);
    expect(await faults('2026-01-16')).toEqual([]);
  });
});
