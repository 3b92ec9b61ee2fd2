import { Duplex } from 'node:stream';
import type { ConnectionLimits } from '../../../topology/limits.ts';
import { FilterCount } from './filter-count.ts';
import { TokenBucket } from './token-bucket.ts';

const CONNECT = 1;
const PUBLISH = 3;
const SUBSCRIBE = 8;
const LONGEST_FIXED_HEADER = 5;

/**
 * Stands between a socket and the MQTT broker and reads no more than fixed headers (MQTT 3.1.1, 2.2), packet type and
 * length, and how many filters a SUBSCRIBE has. A packet that announces itself as too long ends the connection before its body is read. What comes too fast,
 * or while too many publishes wait for their acknowledgement, waits in the sender's TCP window: nothing is lost and
 * nothing piles up here. (IoT Core discards publishes over the rate; a sender sees late acknowledgements in both.)
 */
export class PacketGate extends Duplex {
  readonly #socket: Duplex;
  readonly #limits: ConnectionLimits;
  readonly #publishes: TokenBucket;
  readonly #bytes: TokenBucket;
  readonly #refuse: (reason: string) => void;
  #chunk: Buffer = Buffer.alloc(0);
  #header: number[] = [];
  #bodyLeft = 0;
  /** Of the packet that goes by, when it is a SUBSCRIBE. */
  #filters: FilterCount | undefined;
  #admitted = true;
  #state: 'new' | 'judging' | 'open' = 'new';
  #inFlight = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param refuse told the reason for which this gate wants the connection to end */
  constructor(socket: Duplex, limits: ConnectionLimits, refuse: (reason: string) => void) {
    super({ readableHighWaterMark: limits.packetBytes });
    this.#socket = socket;
    this.#limits = limits;
    this.#publishes = new TokenBucket(limits.publishesPerSecond);
    this.#bytes = new TokenBucket(limits.bytesPerSecond);
    this.#refuse = refuse;
    socket.pause();
    socket.on('data', (chunk: Buffer) => {
      socket.pause();
      this.#chunk = chunk;
      this.#pump();
    });
    socket.on('end', () => this.destroy());
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  /** The CONNECT was accepted: lets through what follows it. */
  open(): void {
    this.#state = 'open';
    this.#pump();
  }

  /** A publish is dealt with: the next may come. */
  settled(): void {
    this.#inFlight--;
    this.#pump();
  }

  override _read(): void {
    this.#pump();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, encoding, done);
  }

  /** A packet is written in parts: they leave as one record. */
  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#timer);
    this.#socket.destroy();
    done(error);
  }

  /** Works off what has arrived, packet by packet, until the reader has enough, a packet must wait, or more is needed. */
  #pump(): void {
    while (!this.destroyed) {
      const atHeader = this.#bodyLeft === 0 && this.#admitted;
      if (atHeader && !this.#readHeader()) break;
      if (!this.#admitted && !this.#admit()) return;
      if (this.#bodyLeft > 0 && this.#chunk.length === 0) break;
      if (!this.#passOn()) return;
    }
    if (!this.destroyed) this.#socket.resume();
  }

  /** Collects a fixed header, which may come in pieces. @returns whether it is whole */
  #readHeader(): boolean {
    while (this.#chunk.length > 0) {
      const byte = this.#chunk[0]!;
      this.#chunk = this.#chunk.subarray(1);
      this.#header.push(byte);
      if (this.#header.length === 1) continue;
      if ((byte & 0x80) === 0) return this.#measure();
      if (this.#header.length === LONGEST_FIXED_HEADER) return this.#end('malformed-header');
    }
    return false;
  }

  #measure(): boolean {
    const type = this.#header[0]! >> 4;
    const length = this.#header.slice(1).reduce((sum, byte, index) => sum + (byte & 0x7f) * 128 ** index, 0);
    const whole = this.#header.length + length;
    if (this.#state === 'new' && type !== CONNECT) return this.#end('connect-missing');
    if (type === CONNECT && whole > this.#limits.connectBytes) return this.#end('connect-too-long');
    if (whole > this.#limits.packetBytes) return this.#end('packet-too-long');
    this.#bodyLeft = length;
    this.#admitted = false;
    return true;
  }

  /** @returns whether the packet may pass now; if not, `#pump` runs again when it may */
  #admit(): boolean {
    if (this.#state === 'judging') return false;
    const type = this.#header[0]! >> 4;
    if (type === PUBLISH && this.#inFlight >= this.#limits.inFlight) return false;
    const wait = this.#bytes.take(0) || (type === PUBLISH ? this.#publishes.take(1) : 0);
    if (wait > 0) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#pump(), wait);
      return false;
    }
    this.#bytes.take(this.#header.length + this.#bodyLeft);
    if (type === PUBLISH) this.#inFlight++;
    if (type === CONNECT) this.#state = 'judging';
    this.#filters = type === SUBSCRIBE ? new FilterCount() : undefined;
    this.#admitted = true;
    return true;
  }

  /** @returns whether the reader wants more */
  #passOn(): boolean {
    if (this.#header.length > 0) {
      this.push(Buffer.from(this.#header));
      this.#header = [];
    }
    const part = this.#chunk.subarray(0, this.#bodyLeft);
    this.#filters?.take(part);
    if ((this.#filters?.count ?? 0) > this.#limits.subscriptionsPerRequest) return this.#end('subscriptions-in-request');
    this.#chunk = this.#chunk.subarray(part.length);
    this.#bodyLeft -= part.length;
    return part.length === 0 || this.push(part);
  }

  #end(reason: string): false {
    this.#refuse(reason);
    return false;
  }
}
