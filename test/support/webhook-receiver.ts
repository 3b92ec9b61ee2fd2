import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';

/** Somebody whom the service pushes to, over TLS on loopback. What it answers with 204 is kept. */
export class WebhookReceiver {
  answers = 204;
  readonly taken: { readonly headers: IncomingHttpHeaders; readonly body: Buffer }[] = [];
  readonly #server: Server;

  private constructor(server: { readonly key: string; readonly chain: string }) {
    this.#server = createServer({ key: server.key, cert: server.chain }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (this.answers === 204) this.taken.push({ headers: request.headers, body: Buffer.concat(chunks) });
        response.writeHead(this.answers).end();
      });
    });
  }

  static async open(server: { readonly key: string; readonly chain: string }): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver(server);
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
