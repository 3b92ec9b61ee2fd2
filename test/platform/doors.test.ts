import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDoors } from '../../bin/service/doors.ts';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import { DOORS } from '../../topology/route.ts';
import { ROUTES } from '../../topology/routes.ts';
import { ApiGateway, shapeOf } from './https-fixture.ts';

const everyHandler = Object.fromEntries(
  ROUTES.map((route) => [route.function, async () => ({ statusCode: 200, body: route.function })] as const),
);
const open: ApiGateway[] = [];
const gateways = new Map<string, ApiGateway>();

beforeAll(async () => {
  for (const door of DOORS) {
    const gateway = await ApiGateway.open({ door, handlers: everyHandler });
    open.push(gateway);
    gateways.set(door, gateway);
  }
});
afterAll(async () => {
  for (const gateway of open) await gateway.close();
});

describe('doors', () => {
  it("serve their own routes and know no others: what is another door's looks like what never was", async () => {
    let tried = 0;
    for (const [door, gateway] of gateways) {
      const who = await gateway.person('ann', 'supervisor');
      const never = shapeOf(await gateway.send('/v1/nothing-of-the-kind', who));
      expect(never.status).toBe(404);
      for (const route of ROUTES) {
        const path = route.path.replace(/\{\w+\}/g, 'a');
        const answered = await gateway.send(path, who, { method: route.method });
        if (route.door === door) expect(answered.status, route.name).not.toBe(404);
        else expect(shapeOf(answered), `${route.name} at ${door}`).toEqual(never);
        tried++;
      }
    }
    expect(tried).toBe(DOORS.length * ROUTES.length);
  });

  it('do not open while somebody is missing who has to answer', async () => {
    await expect(ApiGateway.open({ handlers: {} })).rejects.toMatchObject({ code: 'ERR_HANDLER_MISSING' });
  });

  it('are all shut again when portal and console cannot be shown, and so is where people sign in', async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'joulekeep-doors-'));
    const clock = { now: () => Date.now() };
    const platform = await createEmbeddedPlatform({ stateDir, clock, timer: false });
    try {
      const identity = await listened(0);
      const opened = openDoors(platform, clock, { identity }, { applications: { builtIn: join(stateDir, 'nothing-built') } });
      await expect(opened).rejects.toThrow('portal is not built');
      expect(await listened(identity)).toBe(identity);
    } finally {
      await platform.close();
      rmSync(stateDir, { recursive: true });
    }
  });
});

/** @param port 0 = any free one @returns the port @throws EADDRINUSE while somebody else listens there */
async function listened(port: number): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  const taken = (server.address() as AddressInfo).port;
  server.close();
  await once(server, 'close');
  return taken;
}
