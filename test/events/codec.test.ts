import { decode as strictDecode } from 'cbor2';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BODY_LIMIT, decodeEvents, EVENT_SCHEMAS, encodeEvents } from '../../events/codec.ts';
import type { DomainEvent } from '../../events/index.ts';
import { upcast } from '../../events/upcasters.ts';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((given) => Buffer.from(given));
const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
const batch = fc.record({ dcId: fc.stringMatching(/^[a-z0-9-]{1,32}$/), sequence: fc.nat(), digest: bytes(8) });

const anyEvent: fc.Arbitrary<DomainEvent> = fc.oneof(
  fc.record({ type: fc.constant('MeterActivated' as const), data: fc.record({ at: time }) }),
  fc.record({ type: fc.constant('CertificateRenewed' as const), data: fc.record({ certificate: bytes(900), at: time }) }),
  fc.record({
    type: fc.constant('SlotConflict' as const),
    data: fc.record({
      meterId: fc.stringMatching(/^[0-9a-f]{16}$/),
      channel: fc.nat(255),
      slotEnd: fc.nat(),
      first: fc.option(fc.nat(65_534)),
      second: fc.option(fc.nat(65_534)),
    }),
  }),
  fc.record({
    type: fc.constant('FramesRefused' as const),
    data: fc.record({
      batch,
      brokerTime: time,
      counts: fc.dictionary(fc.constantFrom('frame-layout', 'unknown-meter', 'not-authentic'), fc.nat(500)),
      hashes: fc.array(bytes(32), { maxLength: 64 }),
      raws: fc.array(bytes(370), { maxLength: 20 }),
    }),
  }),
);

describe('the codec of events', () => {
  it('gives back what it was given', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 8 }), (events) => {
        expect(decodeEvents(encodeEvents(events))).toEqual(events);
      }),
    );
  });

  it('is the same bytes for the same events, and read alike by another reader of CBOR', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 4 }), (events) => {
        const body = encodeEvents(events);
        expect(encodeEvents(structuredClone(events)).equals(body)).toBe(true);
        const entries = strictDecode(body) as [string, number, unknown][];
        expect(entries.map(([type, schema]) => [type, schema])).toEqual(events.map(({ type }) => [type, EVENT_SCHEMAS[type]]));
      }),
    );
  });

  it('writes plain Uint8Arrays as byte strings, and reads byte strings as Buffers', () => {
    const [event] = decodeEvents(encodeEvents([{ type: 'CertificateRenewed', data: { certificate: new Uint8Array([1, 2, 3]), at: 1 } }]));
    const { certificate } = dataOf<{ certificate: Buffer }>(event);
    expect(Buffer.isBuffer(certificate)).toBe(true);
    expect(certificate).toEqual(Buffer.from([1, 2, 3]));
  });

  it('long byte strings are views into the body, short ones are not', () => {
    const long = Buffer.alloc(1000, 1);
    const short = Buffer.alloc(64, 2);
    const batch = { dcId: 'dc1', sequence: 1, digest: short };
    const junk: DomainEvent = { type: 'JunkCounted', data: { batch, brokerTime: 1, counts: {}, hashes: [short], raws: [long] } };
    const body = Buffer.from(encodeEvents([junk]));
    const { raws, hashes } = dataOf<{ raws: Buffer[]; hashes: Buffer[] }>(decodeEvents(body)[0]);
    const [state, hash] = [raws[0]!, hashes[0]!];
    expect(state.buffer).toBe(body.buffer);
    expect(hash.buffer).not.toBe(body.buffer);
    expect([state.equals(long), hash.equals(short)]).toEqual([true, true]);
  });

  it('refuses to write an event type that is not in the contract, also one named like a method of objects', () => {
    for (const type of ['MeterPainted', 'toString', '__proto__']) {
      const event = { type, data: {} } as unknown as DomainEvent;
      expect(() => encodeEvents([event]), type).toThrow(expect.objectContaining({ code: 'ERR_EVENT_UNKNOWN' }));
    }
  });

  it('passes on an event type it does not know when reading', () => {
    const [known] = decodeEvents(encodeEvents([{ type: 'MeterActivated', data: { at: 1 } }]));
    expect(known).toEqual({ type: 'MeterActivated', data: { at: 1 } });
    const body = encodeEvents([{ type: 'MeterActivated', data: { at: 1 } }]);
    const future = Buffer.from(body.toString('latin1').replace('MeterActivated', 'MeterPainted!!'), 'latin1');
    expect(decodeEvents(future)).toEqual([{ type: 'MeterPainted!!', data: { at: 1 } }]);
  });

  it('refuses bodies over the limit, both ways', () => {
    const event = (length: number): DomainEvent => ({ type: 'CertificateRenewed', data: { certificate: Buffer.alloc(length), at: 1 } });
    expect(() => encodeEvents([event(BODY_LIMIT)])).toThrow(expect.objectContaining({ code: 'ERR_COMMIT_TOO_LARGE' }));
    expect(() => decodeEvents(Buffer.alloc(BODY_LIMIT + 1))).toThrow(expect.objectContaining({ code: 'ERR_EVENTS_UNREADABLE' }));
  });

  it('refuses whatever is not the body of a commit with one code', () => {
    const body = encodeEvents([{ type: 'MeterActivated', data: { at: 1 } }]);
    const unreadable = expect.objectContaining({ code: 'ERR_EVENTS_UNREADABLE' });
    for (let end = 0; end < body.length; end++) expect(() => decodeEvents(body.subarray(0, end)), `cut at ${end}`).toThrow(unreadable);
    for (const hex of ['a0', '00', '80ff', '8180', '818301020304', 'f6', '9b7fffffffffffffff', '8183016161a0']) {
      expect(() => decodeEvents(Buffer.from(hex, 'hex')), hex).toThrow(unreadable);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (given) => {
        try {
          expect(Array.isArray(decodeEvents(Buffer.from(given)))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_EVENTS_UNREADABLE' });
        }
      }),
    );
  });

  it('brings old schemas up to the newest, step by step', () => {
    const table = {
      Moved: [(data: unknown) => ({ ...(data as object), second: true }), (data: unknown) => ({ ...(data as object), third: true })],
    };
    expect(upcast('Moved', 1, { a: 1 }, table)).toEqual({ a: 1, second: true, third: true });
    expect(upcast('Moved', 2, { a: 1 }, table)).toEqual({ a: 1, third: true });
    expect(upcast('Moved', 3, { a: 1 }, table)).toEqual({ a: 1 });
    expect(upcast('Moved', 9, { a: 1 }, table)).toEqual({ a: 1 });
    expect(upcast('toString', 1, { a: 1 }, table)).toEqual({ a: 1 });
  });
});

function dataOf<Data>(event: DomainEvent | undefined): Data {
  return event!.data as unknown as Data;
}
