import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { portalCommand } from '../../bin/commands/portal.ts';
import { withState } from '../../bin/service/state.ts';
import { adviceOf, certificateIn, ownTrust } from '../../bin/site/advice.ts';
import { applicationKey, applicationKeys, PUBLISHER } from '../../bin/site/sign.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';

let state: string;
let running: Embedded;
beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'joulekeep-advice-'));
  running = await createEmbeddedPlatform({ stateDir: state, clock: { now: Date.now }, timer: false });
});
afterAll(async () => {
  await running.close();
  rmSync(state, { recursive: true });
});

const verify = (...words: string[]) =>
  portalCommand()
    .exitOverride()
    .parseAsync(['verify', ...words], { from: 'user' });

describe('joulekeep portal verify', () => {
  it('learns whom to trust from a state directory that a service runs on', async () => {
    await expect(withState(state, async () => {})).rejects.toMatchObject({ code: 'ERR_STATE_LOCKED' });
    expect(await ownTrust(state)).toEqual({ keys: await applicationKeys(running.as(PUBLISHER)), ca: running.ca.rootPem });
  });

  it('says what to do where nothing can be verified', async () => {
    const address = 'https://localhost:1';
    await expect(verify(address)).rejects.toThrow('--state DIR of the service, or --key FILE');
    await expect(verify(address, '--state', join(state, 'elsewhere'))).rejects.toThrow('no state of a service there; npm start');
    await expect(verify(address, '--state', state)).rejects.toThrow(/nobody answers there \(ECONNREFUSED\); is the service running/);
    await expect(verify('http://localhost:1', '--state', state)).rejects.toThrow('no https address');
    // The service's own gateway: a certificate that this machine does not know.
    const gateway = running.broker.url.replace(/^\w+:/, 'https:');
    writeFileSync(join(state, 'key.pem'), await keyPem());
    await expect(verify(gateway, '--key', join(state, 'key.pem'))).rejects.toThrow('--ca DIR/ca/root.crt.pem');
    expect(() => certificateIn(join(state, 'key.pem'))).toThrow('no certificate in PEM');
    expect(() => certificateIn(join(state, 'nothing.pem'))).toThrow('ENOENT');
  });

  it('says of findings what they commonly mean, once', () => {
    const lines = ['a.js', 'b.js'].map((path) => ({ path, findings: ['file-altered'] }));
    expect(adviceOf(lines)).toEqual([expect.stringContaining('Use nothing of it.')]);
    expect(adviceOf([{ path: 'manifest.jws', findings: ['unknown-key'] }])).toEqual([expect.stringContaining('--state, or --key')]);
    expect(adviceOf([{ path: '/', findings: [] }])).toEqual([]);
  });
});

async function keyPem(): Promise<string> {
  return String((await applicationKey(running.as(PUBLISHER))).export({ format: 'pem', type: 'spki' }));
}
