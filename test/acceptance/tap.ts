import { once } from 'node:events';
import { connect, type Server, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { Embedded } from '../../platform/embedded/platform.ts';

/**
 * A network that is open between here and the broker, whose listener is plain TCP: whoever sits on it sees every byte of
 * MQTT and may change those that go up. Concentrators speak nothing but TLS, so their link ends here.
 */
export class Tap {
  readonly url: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #seen: Buffer[] = [];
  /** Changes a piece of the stream in place. */
  alter: ((piece: Buffer) => void) | undefined;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  static async before({ broker, ca }: Embedded): Promise<Tap> {
    const { hostname, port, protocol } = new URL(broker.url);
    if (protocol !== 'mqtt:') throw new Error('the broker has no listener in clear');
    let tap: Tap | undefined;
    const server = createServer({ key: ca.server.key, cert: ca.server.chain }, (near) =>
      tap!.#between(near, connect(Number(port), hostname)),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    tap = new Tap(server, `mqtts://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`);
    return tap;
  }

  /** Everything that passed, both ways. */
  get seen(): Buffer {
    return Buffer.concat(this.#seen);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #between(near: Socket, far: Socket): void {
    for (const [from, to, up] of [
      [near, far, true],
      [far, near, false],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.on('data', (data: Buffer) => {
        const piece = Buffer.from(data);
        if (up) this.alter?.(piece);
        this.#seen.push(piece);
        to.write(piece);
      });
    }
  }
}
