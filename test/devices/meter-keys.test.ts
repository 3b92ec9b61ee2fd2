import { describe, expect, it } from 'vitest';
import { decodeNvram, MemoryNvram } from '../../devices/meter/nvram.ts';
import { FLAG } from '../../protocol/plaintext.ts';
import { T0 } from '../support/mdms.ts';
import { METER_ID, openedOf, play, rig, running } from '../support/meter-rig.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('keys over time', () => {
  it('rotates weekly, seals under the old epoch until a downlink under the new one came, and erases past generations', async () => {
    const nvram = new MemoryNvram();
    const r = await running({ nvram });
    await play(r, T0, T0 + 6 * DAY, () => 1);
    const chainAt = () => {
      const reading = decodeNvram(nvram.read()!);
      return reading.sound ? reading.content.current : undefined;
    };
    expect(chainAt()?.generation).toBe(6);
    expect(new Set(r.mdms.opened.map(({ generation }) => generation))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
    const said = await play(r, T0 + 6 * DAY, T0 + 7 * DAY + 8 * HOUR, () => 1);
    expect(said.filter(({ output }) => output.kind === 'hello')).toHaveLength(1);
    expect(r.meter.status).toMatchObject({ epoch: 1, pendingEpoch: 2 });
    const last = r.mdms.opened.slice(-2);
    expect(last.map(({ epoch, plain }) => [epoch, plain.kind])).toEqual([
      [2, 'fin'],
      [1, 'reading'],
    ]);
    await r.meter.receive(r.mdms.ack(METER_ID, 2, T0 / 1000, 15), T0 + 7 * DAY + 8 * HOUR);
    expect(r.meter.status).toMatchObject({ epoch: 2, pendingEpoch: undefined, unacknowledged: 0 });
    expect(chainAt()).toMatchObject({ epoch: 2 });
    await r.meter.receive(r.mdms.ack(METER_ID, 1, T0 / 1000, 15), T0 + 7 * DAY + 8 * HOUR);
    expect(r.meter.refusals.get('epoch')).toBe(1);
  });

  it('seals under an epoch at most 10 days, then only stores; what was stored leaves under the next epoch', async () => {
    const r = await running();
    const deaf = { ...r, turn: (now: number) => r.meter.poll(now) };
    const said = await play(deaf, T0, T0 + 14 * DAY, () => 2);
    const frames = said.filter(({ output }) => output.kind === 'frame');
    expect(frames.at(-1)!.at).toBeLessThanOrEqual(T0 + 10 * DAY);
    expect(frames.at(-1)!.at).toBeGreaterThan(T0 + 10 * DAY - 2 * HOUR);
    for (const { output } of frames) r.mdms.open(output.bytes);
    expect(r.mdms.slots.size).toBeLessThan(10 * 96 + 4);
    await play(r, T0 + 14 * DAY, T0 + 15 * DAY, () => 2);
    expect(r.mdms.slots.size).toBe(15 * 96);
    expect(openedOf(r, 'reading').filter(({ flags, deltas }) => flags === FLAG.resent && deltas.length === 96).length).toBeGreaterThan(2);
  });

  it('seals at most 10 days even under an epoch that the MDMS allows for longer', async () => {
    const r = await rig();
    const outputs = await r.meter.poll(T0);
    const hello = outputs.find(({ kind }) => kind === 'hello')!;
    await r.meter.receive(await r.mdms.acceptOf(hello.bytes, T0, { notAfter: T0 + 30 * DAY }), T0);
    await r.meter.receive(r.mdms.ack(METER_ID, 1, T0 / 1000, 15), T0);
    const said = await play({ ...r, turn: (now: number) => r.meter.poll(now) }, T0, T0 + 12 * DAY, () => 2);
    const frames = said.filter(({ output }) => output.kind === 'frame');
    expect(frames.at(-1)!.at).toBeLessThanOrEqual(T0 + 10 * DAY);
    expect(frames.at(-1)!.at).toBeGreaterThan(T0 + 10 * DAY - 2 * HOUR);
  });

  it('an unanswered HELLO goes out again byte for byte, ever more rarely, and burns no further epoch', async () => {
    const r = await rig();
    const hellos: { at: number; bytes: Buffer }[] = [];
    for (let at = T0; at < T0 + DAY; at += 5 * 60_000) for (const { bytes } of await r.meter.poll(at)) hellos.push({ at, bytes });
    expect(new Set(hellos.map(({ bytes }) => bytes.toString('hex'))).size).toBe(1);
    const waits = hellos.slice(1).map(({ at }, i) => at - hellos[i]!.at);
    expect(hellos.length).toBeGreaterThan(5);
    expect(hellos.length).toBeLessThan(16);
    expect(Math.max(...waits)).toBeGreaterThan(2 * HOUR);
    const accept = await r.mdms.answer(hellos[0]!.bytes, r.identityKey, T0 + DAY);
    await r.meter.receive(accept!, T0 + DAY);
    expect(r.meter.status.pendingEpoch).toBe(1);
  });

  it('EPOCH-IS lifts a meter that lost its count above every epoch used before', async () => {
    const r = await rig();
    r.mdms.highest = 40;
    await r.turn(T0);
    expect(r.meter.status.pendingEpoch).toBeUndefined();
    await r.turn(T0 + 60_000);
    expect(r.meter.status.pendingEpoch).toBe(41);
  });

  it('EPOCH-IS brings back a meter that nobody heard for so long that it has burnt more numbers than the MDMS looks ahead', async () => {
    const r = await rig();
    for (let day = 0; day < 80; day++) for (let hour = 0; hour < 24; hour += 2) await r.meter.poll(T0 + day * DAY + hour * HOUR);
    // A HELLO is repeated after a wait that its nonce makes longer or shorter.
    let at = T0 + 80 * DAY;
    while ((await r.turn(at)).every(({ kind }) => kind !== 'hello') && at < T0 + 81 * DAY) at += HOUR;
    expect(r.meter.status.pendingEpoch).toBeUndefined();
    await r.turn(at + 60_000);
    expect(r.meter.status.pendingEpoch).toBe(1);
  });

  it('an epoch request brings a HELLO at the next poll', async () => {
    const r = await running();
    await r.meter.receive(r.mdms.downlink('epoch-request', METER_ID, 1, Buffer.alloc(0)), T0);
    const outputs = await r.turn(T0 + 60_000);
    expect(outputs.map(({ kind }) => kind)).toContain('hello');
    expect(r.meter.status).toMatchObject({ epoch: 1, pendingEpoch: 2 });
  });

  it('keeps its epoch over a reboot, with fresh counters', async () => {
    const r = await running();
    await play(r, T0, T0 + 3 * HOUR, () => 1);
    r.meter.reboot();
    const said = await play(r, T0 + 3 * HOUR, T0 + 6 * HOUR, () => 1);
    expect(said.filter(({ output }) => output.kind === 'hello')).toEqual([]);
    expect(new Set(r.mdms.opened.map(({ counter }) => counter)).size).toBe(r.mdms.opened.length);
    expect(r.mdms.slots.size).toBe(24);
  });
});
