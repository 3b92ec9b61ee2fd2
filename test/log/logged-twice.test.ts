import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeLog } from '../../lambdas/log/handler.ts';
import { LogFiles } from '../../lambdas/log/log-files.ts';
import { PENDING } from '../../lambdas/log/places.ts';
import { lambdaContext, scheduledEvent } from '../../platform/embedded/host/lambda-context.ts';
import { encodeEntry, type LogEntry } from '../../protocol/log/entry.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { LoggedState, MINUTE } from './logged-state.ts';

const STREAM = 'segment/00001';
const COMMITS = 12;

let state: LoggedState;
let entries: LogEntry[];
beforeAll(async () => {
  state = new LoggedState();
  await state.grow(COMMITS / 3);
  const { objects } = (await state.open()).as('log');
  entries = [];
  for await (const entry of new LogFiles(objects).entries(0, COMMITS)) entries.push(entry);
  await state.close();
  state.keep('whole');
}, 60_000);
afterAll(() => state.discard());

/** Gives these places behind all others, as a log does that has forgotten how far its streams are. */
async function logAgain(again: readonly LogEntry[]): Promise<void> {
  state.putBack('whole');
  const platform = await state.open();
  const log = platform.as('log');
  await log.directory.put([{ key: `log/stream/${STREAM}`, value: Buffer.from('-1') }]);
  await log.objects.put(`${PENDING}forgotten`, Buffer.concat(again.map(encodeEntry)));
  await makeLog(log, defencesUnderTest())(scheduledEvent('log', state.clock.now()), lambdaContext('log', MINUTE));
  await state.close();
}

const ofStream = () => entries.filter(({ stream }) => stream === STREAM);

describe('a log that tells of a version of a stream twice', () => {
  it.each<[string, () => LogEntry[]]>([
    ['the last one again, as it was', () => ofStream().slice(-1)],
    ['an older one again', () => ofStream().slice(1, 2)],
    ['an older one, as another commit', () => [{ ...ofStream()[1]!, hash: Buffer.alloc(32, 7) }]],
  ])('C10.1-7: is named, with the version: %s', async (_, again) => {
    await logAgain(again());
    const { isSound, said } = await state.verify();
    expect(said[0]).toBe(`${STREAM}  version ${again()[0]!.version}  logged twice`);
    expect(isSound).toBe(false);
  });

  it('is none where every version has one place', async () => {
    state.putBack('whole');
    expect(await state.verify()).toMatchObject({ isSound: true });
  });
});
