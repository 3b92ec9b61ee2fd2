import type { Server } from 'node:https';
import type { Socket } from 'node:net';

/**
 * Ends what an address opens beyond its share: whoever holds connections open alone leaves some to everybody else.
 * @param share connections of one address at a time @source X.1332 8.3 (denial of service)
 */
export function shareConnections(server: Server, share: number, refused: () => void): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const { remoteAddress: address = '' } = socket;
    const before = open.get(address) ?? 0;
    if (before >= share) {
      refused();
      socket.destroy();
      return;
    }
    open.set(address, before + 1);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
  });
}
