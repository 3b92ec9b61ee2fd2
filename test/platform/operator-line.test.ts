import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CertificateAuthority } from '../../platform/embedded/gateway/ca.ts';
import { serverOptions } from '../../platform/embedded/https/server-options.ts';
import { API_LIMITS } from '../../topology/limits.ts';
import { ROUTES } from '../../topology/routes.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { agreedOr, type LineEnd, OLD_CIPHERS, renegotiated, saidInClear, takenUp } from '../support/line.ts';
import { deviceKey } from '../support/memory-ca.ts';
import type { Credentials } from './gateway-fixture.ts';
import { ApiGateway, credentials } from './https-fixture.ts';

const PATHS = ROUTES.filter(({ door }) => door === 'operator').map(({ path }) => path.replaceAll(/\{\w+\}/g, 'north'));
const TOO_OLD = { alert: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' };
/** Bytes that are not authenticated with what they say, keys that are not agreed for the connection, and what nobody chose. */
const OTHER_CIPHERS = ['ECDHE-ECDSA-AES256-SHA384', 'ECDHE-ECDSA-AES128-SHA', 'AES128-GCM-SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305'];

let api: ApiGateway;
let operator: Credentials;
let end: LineEnd;
beforeAll(async () => {
  api = await ApiGateway.open({ door: 'operator' });
  operator = await api.person('ems-north', 'grid-operator');
  end = { port: api.gateway.port, ca: api.ca.rootPem, key: operator.key, cert: operator.cert };
});
afterAll(() => api.close());

describe('the line between MDMS and operator', () => {
  it('R9.4-1, C10.4-2: is in TLS 1.3 or 1.2, with keys agreed for the connection, and under no other cipher', async () => {
    expect(await agreedOr(end, {})).toEqual({ agreed: expect.stringMatching(/^TLSv1\.3 TLS_AES_(256_GCM_SHA384|128_GCM_SHA256)$/) });
    expect(await agreedOr(end, { maxVersion: 'TLSv1.2' })).toEqual({
      agreed: expect.stringMatching(/^TLSv1\.2 ECDHE-ECDSA-AES(256-GCM-SHA384|128-GCM-SHA256)$/),
    });
    for (const cipher of OTHER_CIPHERS)
      expect(await agreedOr(end, { maxVersion: 'TLSv1.2', ciphers: `${cipher}:@SECLEVEL=0` }), cipher).toHaveProperty('alert');
  });

  it.each(['TLSv1', 'TLSv1.1'] as const)('R9.4-1, C10.4-2: is not in %s, whoever shows a certificate', async (version) => {
    expect(await agreedOr(end, { minVersion: version, maxVersion: version, ciphers: OLD_CIPHERS })).toEqual(TOO_OLD);
  });

  it.each(['TLSv1', 'TLSv1.1'] as const)(
    'R9.2-1, R9.4-1: %s is refused for itself, by no cipher that happens to be missing',
    async (version) => {
      const options = { ...serverOptions(api.ca, API_LIMITS, defencesUnderTest()), ciphers: OLD_CIPHERS };
      const server: Server = createServer(options).listen(0, '127.0.0.1');
      const { port } = await new Promise<AddressInfo>((resolve) =>
        server.once('listening', () => resolve(server.address() as AddressInfo)),
      );
      try {
        expect(await agreedOr({ ...end, port }, { minVersion: version, maxVersion: version, ciphers: OLD_CIPHERS })).toEqual(TOO_OLD);
      } finally {
        server.close();
      }
    },
  );

  it('R9.4-1, C10.4-2: carries an answer to who shows a certificate of the operator’s, on every route, and to nobody else', async () => {
    const strangers = await CertificateAuthority.open(join(api.directory, 'strangers'), api.clock);
    const { privateKey, csr } = await deviceKey('ems-north');
    const alike = credentials('ems-north', privateKey, await strangers.issueToPerson('ems-north', 'grid-operator', csr));
    const billing = await api.person('books', 'billing-system');
    expect(PATHS.length).toBeGreaterThan(4);
    for (const path of PATHS) {
      const statuses = [];
      for (const who of [operator, undefined, alike, billing]) statuses.push((await api.send(path, who)).status);
      expect(statuses, path).toEqual([200, 401, 401, 403]);
    }
    expect(new Set(api.handled.map(({ requestContext }) => requestContext.authorizer?.['person']))).toEqual(new Set(['ems-north']));
    expect(api.handled).toHaveLength(PATHS.length);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'R9.4-1: has keys of its own in each connection of %s: none is taken up from one before',
    async (version) => {
      const { given, takenUp: count } = await takenUp(end, version);
      expect(given).toBeGreaterThan(0);
      expect(count).toBe(0);
    },
  );

  it('R9.4-1: is not agreed on anew in the middle of a connection', async () => {
    expect(await renegotiated(end)).toBe('ERR_SSL_NO_RENEGOTIATION');
  });

  it('R9.4-1: is never in clear', async () => {
    expect(await saidInClear(end.port)).not.toMatch(/HTTP|<html|location/i);
  });
});
