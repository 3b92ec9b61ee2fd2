import { describe, expect, it } from 'vitest';
import { AgainstLog } from '../../lambdas/log-check/against-log.ts';

const [STREAM, OTHER] = ['segment/00000', 'segment/00001'];
const NOW = Date.UTC(2026, 10, 5);
const OLD = NOW - 86_400_000;
const EACH = [0, 1, 2, 3, 4];
const hashOf = (stream: string, version: number) => Buffer.from(`${stream} ${version}`);
const commit = (version: number, { stream = STREAM, recordedAt = OLD } = {}) => ({
  ...{ stream, version, recordedAt },
  hash: hashOf(stream, version),
});
const entries = (versions: readonly number[], stream = STREAM) => versions.map((version) => ({ version, hash: hashOf(stream, version) }));
type End = Omit<Parameters<AgainstLog['differenceOf']>[0], 'stream'>;
const BAD: End = { bad: {} };
const trimmed = (why: 'checkpoint' | 'archive', to: number): End => ({ trimmed: { why, to } });

function differenceOf(logged: readonly number[], walked: readonly number[], end: End = {}) {
  const against = new AgainstLog(new Map([[STREAM, entries(logged)]]), NOW, NOW);
  for (const version of walked) against.walked(commit(version));
  return against.differenceOf({ stream: STREAM, ...end });
}
const at = (version: number, fault: string) => ({ stream: STREAM, version, fault });

describe('a stream held against its entries in the log', () => {
  it.each<[string, readonly number[], readonly number[], End]>([
    ['as it was logged', EACH, EACH, {}],
    ['that begins behind a signed checkpoint', EACH, [2, 3, 4], trimmed('checkpoint', 1)],
    ['of which all was deleted behind one', EACH, [], trimmed('checkpoint', 4)],
    ['that breaks off at a bad commit', EACH, [0, 1, 2], BAD],
    ['that is bad from its first commit on', EACH, [], BAD],
  ])('C10.1-7: %s does not differ', (_what, logged, walked, end) => {
    expect(differenceOf(logged, walked, end)).toBeUndefined();
  });

  it.each<[string, readonly number[], readonly number[], End, object]>([
    ['its beginning is gone', EACH, [2, 3, 4], {}, at(0, 'gone')],
    ['more than what a checkpoint deleted is gone', EACH, [2, 3, 4], trimmed('checkpoint', 0), at(1, 'gone')],
    ['its beginning is gone, though the archive should have it', EACH, [2, 3, 4], trimmed('archive', 1), at(0, 'gone')],
    ['its beginning is gone, and a bad commit follows', EACH, [2], BAD, at(0, 'gone')],
    ['its middle is gone', EACH, [0, 3, 4], {}, at(1, 'gone')],
    ['its end is gone', EACH, [0, 1, 2], {}, at(3, 'gone')],
    ['all of it is gone', EACH, [], {}, at(0, 'gone')],
    ['it has one more at its end', [0, 1], [0, 1, 2], {}, at(2, 'unlogged')],
    ['it has one more in its middle', [0, 2], [0, 1, 2], {}, at(1, 'unlogged')],
    ['the log has one of its versions twice', [0, 1, 1, 2], [0, 1, 2], {}, at(1, 'logged twice')],
    ['the log has one twice, and its beginning is gone', [0, 1, 1, 2], [2], {}, at(1, 'logged twice')],
    ['the log goes back, and nothing is there', [3, 2], [], {}, at(2, 'logged twice')],
  ])('C10.1-7: where %s, that is its first difference', (_what, logged, walked, end, found) => {
    expect(differenceOf(logged, walked, end)).toEqual(found);
  });

  it('C10.1-7: is told from others whose commits come between', () => {
    const logged = new Map([STREAM, OTHER].map((stream) => [stream, entries(EACH, stream)]));
    const against = new AgainstLog(logged, NOW, NOW);
    for (const version of EACH) {
      against.walked(commit(version));
      against.walked({ ...commit(version, { stream: OTHER }), ...(version === 3 && { hash: hashOf(STREAM, version) }) });
    }
    expect(against.differenceOf({ stream: OTHER })).toEqual({ stream: OTHER, version: 3, fault: 'not as logged' });
    expect(against.differenceOf({ stream: STREAM })).toBeUndefined();
    expect([...against.gone('')]).toEqual([]);
  });

  it('C10.1-7: may have young commits that wait for their places; behind a difference none is counted', () => {
    const against = new AgainstLog(new Map([[STREAM, entries([0])]]), NOW, NOW);
    for (const [version, recordedAt] of [OLD, NOW, NOW].entries()) against.walked(commit(version, { recordedAt }));
    expect(against.differenceOf({ stream: STREAM })).toBeUndefined();
    expect(against.waiting).toBe(2);
    const twice = new AgainstLog(new Map([[STREAM, entries([0, 0])]]), NOW, NOW);
    for (const version of [0, 1]) twice.walked(commit(version, { recordedAt: NOW }));
    expect(twice.differenceOf({ stream: STREAM })).toEqual(at(0, 'logged twice'));
    expect(twice.waiting).toBe(0);
  });
});
