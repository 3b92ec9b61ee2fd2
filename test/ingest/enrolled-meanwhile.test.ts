import { describe, expect, it } from 'vitest';
import { announce } from '../../lambdas/shared/devices/known-meters.ts';
import { HOME, SealedMeter, telemetryBody } from '../support/sealed-town.ts';
import { FIRST_HOUR, IngestWorld } from './ingest-world.ts';

/** A town with room in its only segment, and a meter of the next that nobody has enrolled yet. */
async function town(): Promise<{ w: IngestWorld; late: SealedMeter; enrol: () => Promise<void> }> {
  const w = await IngestWorld.make({ meters: 4, segmentSize: 8 });
  const late = new SealedMeter('0a0b0c0000000007', '00000', ['one', 'two']);
  const enrol = async () => {
    const relays = late.relays.map((dcId) => ({ dcId, from: 0 }));
    await w.amend('00000', { type: 'JoinMeter', meterId: late.meterId, asset: HOME, relays, at: FIRST_HOUR });
    await announce(w.world.directory, [late]);
  };
  return { w, late, enrol };
}

describe('a meter that is enrolled between two deliveries of a batch', () => {
  it('C10.1-8: has its frame counted once, as unknown, though the second delivery knows it', async () => {
    const { w, late, enrol } = await town();
    const body = await w.deliver([late.reading(FIRST_HOUR, [1, 2, 3, 4]), Buffer.from('junk')]);
    await enrol();
    await w.deliverBodies([body]);
    w.restart();
    await w.deliverBodies([body]);
    await w.reconciles();
    expect((await w.tally()).refusedByReason).toEqual({ 'frame-layout': 1, 'unknown-meter': 1 });
  });

  it('is counted once with frames of its neighbours in the batch', async () => {
    const { w, late, enrol } = await town();
    const body = await w.deliver([late.reading(FIRST_HOUR, [1, 2, 3, 4]), w.town[0]!.reading(FIRST_HOUR, [1, 2, 3, 4])]);
    await enrol();
    w.restart();
    await w.deliverBodies([body]);
    await w.reconciles();
    expect(await w.tally()).toMatchObject({ accepted: 1, refusedByReason: { 'unknown-meter': 1 } });
  });

  it('is not lost when the worker died after the neighbours were recorded and before the unknown was', async () => {
    const { w, late, enrol } = await town();
    const { append } = w.world.events;
    w.world.events.append = (head, commit) => {
      if (head.stream.startsWith('relay/')) throw new Error('power cut');
      return append.call(w.world.events, head, commit);
    };
    const frames = [late.reading(FIRST_HOUR, [1, 2, 3, 4]), w.town[0]!.reading(FIRST_HOUR, [1, 2, 3, 4])];
    const body = telemetryBody('one', FIRST_HOUR, 99, frames);
    w.framesSent += 2;
    await expect(w.deliverBodies([body])).rejects.toThrow();
    w.world.events.append = append;
    await enrol();
    w.restart();
    await w.deliverBodies([body]);
    w.restart();
    await w.deliverBodies([body]);
    await w.reconciles();
    expect(await w.tally()).toMatchObject({ accepted: 1, quarantined: 1 });
  });
});
