import {
  type FrameColumns,
  type FramesAccepted,
  type FramesHeld,
  RECORD,
  RECORD_BYTES,
  RECORD_KIND,
  recordU16,
  recordU32,
  recordU48,
} from '../../events/index.ts';

/** One opened frame as the rules see it. A single object is refilled for every frame: nothing is allocated per reading. */
export interface OpenedFrame {
  member: number;
  epoch: number;
  counter: number;
  /** First 4 tag bytes, u32. */
  tag: number;
  kind: number;
  flags: number;
  channel: number;
  /** UTC seconds. */
  end: number;
  minutes: number;
  /** Counts. */
  register: number;
  /** Number of deltas. */
  count: number;
  /** Counts, oldest first; 0xffff = none. */
  readonly deltas: Uint16Array;
}

export function emptyFrame(): OpenedFrame {
  return {
    member: 0,
    epoch: 0,
    counter: 0,
    tag: 0,
    kind: 0,
    flags: 0,
    channel: 0,
    end: 0,
    minutes: 0,
    register: 0,
    count: 0,
    deltas: new Uint16Array(96),
  };
}

/** Fills the record's part from plaintext that its layout check has passed. */
export function readRecord(frame: OpenedFrame, bytes: Uint8Array, at: number): void {
  frame.kind = bytes[at + RECORD.kind]!;
  frame.flags = bytes[at + RECORD.flags]!;
  frame.channel = bytes[at + RECORD.channel]!;
  if (frame.kind !== RECORD_KIND.reading) {
    frame.count = 0;
    return;
  }
  const count = bytes[at + RECORD.count]!;
  frame.count = count;
  frame.end = recordU32(bytes, at + RECORD.end);
  frame.minutes = bytes[at + RECORD.minutes]!;
  frame.register = recordU48(bytes, at + RECORD.register);
  for (let i = 0, from = at + RECORD.deltas; i < count; i++, from += 2) frame.deltas[i] = (bytes[from]! << 8) | bytes[from + 1]!;
}

/** Fills the header's part: kid is meterId 8, epoch 2, generation 1; Partial IV is salt 4, counter 5. */
function readHeader(frame: OpenedFrame, header: Uint8Array, at: number): void {
  frame.epoch = recordU16(header, at + 8);
  frame.counter = header[at + 15]! * 0x1_0000_0000 + recordU32(header, at + 16);
}

/** Walks recorded frames; the same object is handed out each time. @yields the frame and where its plaintext begins */
export function* recordedFrames(columns: FrameColumns): Generator<{ frame: OpenedFrame; at: number; i: number }> {
  const frame = emptyFrame();
  let at = 0;
  for (let i = 0; i < columns.count; i++) {
    frame.member = recordU16LE(columns.member, i * 2);
    readHeader(frame, columns.header, i * 20);
    frame.tag = recordU32(columns.tag, i * 4);
    readRecord(frame, columns.plaintext, at);
    yield { frame, at, i };
    at += RECORD_BYTES[columns.sizeClass[i] as 0 | 1 | 2];
  }
}

/** Whose frame it is, by its header. @returns 16 hex digits */
export function recordedMeterId({ header }: FrameColumns, i: number): string {
  return Buffer.from(header.buffer, header.byteOffset, header.byteLength).toString('hex', i * 20, i * 20 + 8);
}

/** Epochs under which these frames were the first to open: the meter has the key. */
export function openedEpochs({
  frames,
  epochsOpened,
}: Pick<FramesAccepted | FramesHeld, 'frames' | 'epochsOpened'>): { meterId: string; epoch: number }[] {
  const opened: { meterId: string; epoch: number }[] = [];
  const header = Buffer.from(frames.header.buffer, frames.header.byteOffset, frames.header.byteLength);
  for (let i = 0; i < (epochsOpened?.length ?? 0); i += 2) {
    const at = recordU16LE(epochsOpened!, i) * 20;
    opened.push({ meterId: header.toString('hex', at, at + 8), epoch: header.readUInt16BE(at + 8) });
  }
  return opened;
}

function recordU16LE(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}
