import { createSecretKey } from 'node:crypto';
import { encodeBatch, encodeParcel, TO_CONCENTRATOR } from '../../protocol/batch.ts';
import {
  type DownlinkMessage,
  encodeAck,
  encodeCertificate,
  encodeDownlink,
  encodeDownlinkCode,
  encodeResend,
  encodeTime,
} from '../../protocol/downlink.ts';
import { seed } from './deterministic.ts';

const METER = '00124b00060d7a11';
const OTHER_METER = '00124b00060d7a12';
const END = 1_794_700_800;
const MAC_KEY = seed('mac down');

const bitmap = (name: string): Buffer => seed(name, 24);

function bodies(): { type: DownlinkMessage['type']; fields: object; body: Buffer }[] {
  const ack = {
    channels: [
      { channel: 0, end: END, bitmap: bitmap('bitmap 0'), held: Buffer.alloc(24) },
      { channel: 1, end: END - 900, bitmap: Buffer.alloc(24), held: bitmap('held 1') },
    ],
  };
  const resend = { spans: [{ channel: 0, from: END - 3600, to: END }] };
  const time = { utc: END * 1000 + 123, midnights: Array.from({ length: 14 }, (_, day) => 1_794_783_600 + day * 86_400) };
  const certificate = { certificate: Buffer.concat([seed('certificate 1'), seed('certificate 2')]) };
  return [
    { type: 'ack', fields: ack, body: encodeAck(ack) },
    { type: 'epoch-request', fields: {}, body: Buffer.alloc(0) },
    { type: 'time', fields: time, body: encodeTime(time) },
    { type: 'resend', fields: resend, body: encodeResend(resend) },
    { type: 'keys', fields: { manifest: seed('manifest') }, body: seed('manifest') },
    { type: 'certificate', fields: certificate, body: encodeCertificate(certificate) },
  ];
}

/** `downlink.json`: one of each type, and refusals, the unlisted type made with the right key among them. */
export function downlinkVectors(): object {
  const macKey = createSecretKey(MAC_KEY);
  const cases = bodies().map(({ type, fields, body }, i) => {
    const message = { type, meterId: METER, epoch: 258, dnSeq: 1000 + i, body };
    return { message, fields, bytes: encodeDownlink(message, macKey) };
  });
  const first = cases[0]!;
  const flipped = Buffer.from(first.bytes);
  flipped[15]! ^= 1;
  const refused = [
    { name: 'a bit of the meter flipped', stage: 'mac', bytes: flipped },
    { name: 'another key', stage: 'mac', bytes: encodeDownlink(first.message, createSecretKey(seed('other mac'))) },
    { name: 'type 7, by the right key', stage: 'type', bytes: encodeDownlinkCode(7, first.message, macKey) },
    { name: 'type 0, by the right key', stage: 'type', bytes: encodeDownlinkCode(0, first.message, macKey) },
    { name: 'sequence 0', stage: 'layout', bytes: encodeDownlink({ ...first.message, dnSeq: 0 }, macKey) },
    {
      name: 'tag of 16 bytes',
      stage: 'layout',
      bytes: Buffer.concat([first.bytes.subarray(0, -34), Buffer.of(0x50), first.bytes.subarray(-32, -16)]),
    },
    { name: 'a byte after', stage: 'layout', bytes: Buffer.concat([first.bytes, Buffer.of(0)]) },
  ];
  return { macKey: MAC_KEY, epoch: 258, cases, refused };
}

/** `batch.json`: a batch with a frame of no known length in it, a parcel, and refusals. */
export function batchVectors(): object {
  const frames = [
    { receivedAt: END * 1000, bytes: Buffer.concat([seed('f1'), seed('f2')]) },
    { receivedAt: END * 1000 + 5, bytes: Buffer.of(0x83) },
    { receivedAt: END * 1000 + 9, bytes: Buffer.alloc(0) },
  ];
  const sequence = 0x0102_0304_0506;
  const batch = encodeBatch(sequence, frames);
  const items = [
    { meterId: METER, bytes: seed('item 1') },
    { meterId: OTHER_METER, bytes: seed('item 2', 5) },
    { meterId: TO_CONCENTRATOR, bytes: seed('item 3', 20) },
  ];
  const parcel = encodeParcel(items);
  const change = (bytes: Buffer, at: number, value: number): Buffer => {
    const changed = Buffer.from(bytes);
    changed[at] = value;
    return changed;
  };
  return {
    batch: { sequence, frames, bytes: batch },
    parcel: { items, bytes: parcel },
    refusedBatch: [
      { name: 'nothing', bytes: Buffer.alloc(0) },
      { name: 'no frame', bytes: change(batch.subarray(0, 12), 11, 0) },
      { name: 'more frames announced', bytes: change(batch, 11, 4) },
      { name: 'fewer frames announced', bytes: change(batch, 11, 2) },
      { name: 'one byte short', bytes: batch.subarray(0, -1) },
      { name: 'one byte more', bytes: Buffer.concat([batch, Buffer.of(0)]) },
      { name: 'another magic', bytes: change(batch, 3, 0x32) },
      { name: 'a parcel', bytes: parcel },
    ],
    refusedParcel: [
      { name: 'one byte short', bytes: parcel.subarray(0, -1) },
      { name: 'one byte more', bytes: Buffer.concat([parcel, Buffer.of(0)]) },
      { name: 'no item', bytes: change(parcel.subarray(0, 6), 5, 0) },
      { name: 'a batch', bytes: batch },
    ],
  };
}
