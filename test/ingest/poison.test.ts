import { describe, expect, it } from 'vitest';
import { JoulekeepError } from '../../events/index.ts';
import { FrameOpener } from '../../protocol/frame.ts';
import { ProtocolRefusal } from '../../protocol/refusal.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { FIRST_HOUR, IngestWorld } from './ingest-world.ts';

/** What code that trips over a frame may throw: by its nature, by a read beyond its bytes, by what it calls, or no error at all. */
const FAULTS: Readonly<Record<string, () => unknown>> = {
  'a property of nothing': () => new TypeError('reading of undefined'),
  'a read beyond the bytes': () => Buffer.alloc(1).readUInt32BE(8),
  'a length below nothing': () => new RangeError('invalid array length'),
  'a refusal that nobody expected': () => new ProtocolRefusal('ERR_FRAME_REFUSED', 'field'),
  'an error that says: try again': () => new JoulekeepError('ERR_VERSION_CONFLICT', 'moved on', { retryable: true }),
  'a lone word': () => 'poison',
};

describe('a frame that crashes the handler', () => {
  it.each(Object.entries(FAULTS))('C10.1-8: by %s, in a batch of a hundred: 99 accepted, 1 quarantined', async (_, fault) => {
    const opener = new FrameOpener({ verifyTag: defencesUnderTest().frameTag });
    let poison: Buffer | undefined;
    const open: Pick<FrameOpener, 'open'> = {
      open: (bytes, offset, length, keys) => {
        if (poison !== undefined && bytes.subarray(offset, offset + length).equals(poison)) throw fault();
        return opener.open(bytes, offset, length, keys);
      },
    };
    const world = await IngestWorld.make({ meters: 100 }, { open });
    const frames = world.town.map((meter) => meter.reading(FIRST_HOUR, [1, 2, 3, 4]));
    poison = frames[57]!;
    await world.deliver(frames);
    expect(await world.tally()).toMatchObject({ accepted: 99, refusedByReason: { 'handler-fault': 1 } });
    await world.reconciles();
  });
});
