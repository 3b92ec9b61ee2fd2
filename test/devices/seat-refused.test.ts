import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { MemorySpool } from '../../devices/concentrator/spool.ts';
import type { Identities } from '../../devices/fleet/identities.ts';
import { Published } from '../../devices/fleet/published.ts';
import { Seat } from '../../devices/fleet/seat.ts';
import { benchPair } from '../../fuzz/keys.ts';

/** A broker that lets nobody in. */
const server = createServer((socket) => socket.destroy());

afterEach(() => server.close());

it('a concentrator that is not let in is named, with what may be done', async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const { privateKey } = benchPair('seat');
  const identities = { issued: () => ({ privateKey, certificate: Buffer.alloc(0) }) } as unknown as Identities;
  const parts = { spool: new MemorySpool(), published: new Published(), identities, now: () => 0, onDownlink: () => {} };
  await expect(new Seat({ dcId: 'dc-4', ...parts }).connect(`mqtts://127.0.0.1:${port}`, '')).rejects.toMatchObject({
    code: 'ERR_SEAT_REFUSED',
    message: expect.stringMatching(/^concentrator dc-4 is not let in \(.+\): .*device release/),
  });
});
