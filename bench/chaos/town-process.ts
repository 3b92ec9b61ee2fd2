import { generateKeyPairSync } from 'node:crypto';
import { install } from '../../bin/service/service.ts';
import { createCsr } from '../../devices/meter/csr.ts';
import { enrolMeters } from '../../lambdas/enrol/enrol-meters.ts';
import { enrolRelay } from '../../lambdas/enrol/enrol-relay.ts';
import { plusDays } from '../../lambdas/shared/days/local-days.ts';
import { findKeyring } from '../../lambdas/shared/keys/manifest.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { HOME, sealedTown } from '../../test/support/sealed-town.ts';
import { concentratorThing, meterThing } from '../../topology/device-access.ts';
import { answering } from '../ipc.ts';
import { closeDays, closedDates, openHomes, openPrices } from '../portal/homes.ts';
import { HOUR } from '../sealed-load.ts';
import type { ChaosConcentrator, ChaosNewcomer, ChaosTown, TownRequest } from './protocol.ts';

/** 2,000 meters behind 20 concentrators: one of them is five in a hundred. */
const CONCENTRATORS = 20;
const METERS_EACH = 100;
/** Behind the second half of the concentrators. */
const NEWCOMERS = 40;
const FIRST_NEWCOMER = 0x0a0b_0d00_0000_0000n;
/** Homes with a customer, and what they can look at. */
const HOMES = 58;
const DAYS = 7;
/** Frames of as many hours lie before the present. */
const HOURS_BACK = 200;

/** Enrols the town that every scenario begins with, and ends. */
async function enrol({ stateDir }: TownRequest): Promise<ChaosTown> {
  const start = Math.floor(Date.now() / HOUR) * HOUR - HOURS_BACK * HOUR;
  const clock = { now: () => start };
  const platform = await createEmbeddedPlatform({ stateDir, clock, timer: false });
  const as = (principal: string) => platform.as(principal);
  try {
    await install(platform, clock);
    const concentrators: ChaosConcentrator[] = [];
    for (let n = 0; n < CONCENTRATORS; n++) {
      const dcId = `street-${n + 1}`;
      const size = { meters: METERS_EACH, segmentSize: METERS_EACH, first: n * METERS_EACH };
      const meters = await sealedTown(as, { ...size, relays: [dcId], at: start });
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const thing = concentratorThing(dcId);
      const certificate = await as('enrol').devices.issueCertificate(thing, 'concentrator', await createCsr(thing, privateKey));
      await enrolRelay(as('enrol'), dcId, certificate);
      const key = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
      concentrators.push({ dcId, key, certificate, meters: meters.map(({ meterId, secret }) => ({ meterId, secret })) });
    }
    const until = closedDates(Date.now()).until;
    const dates = { from: plusDays(until, -DAYS), until };
    await openPrices(as, start);
    const meterIds = concentrators[0]!.meters.slice(0, HOMES).map(({ meterId }) => meterId);
    const homes = await openHomes(as, meterIds, dates);
    for (const home of homes) await closeDays(as, home, dates);
    const newcomers = await enrolNewcomers(platform);
    const agreementKeyId = (await findKeyring(as('keys')))!.keys.find(({ use }) => use === 'agreement')!.keyId;
    return { type: 'enrolled', start, concentrators, newcomers, agreementKeyId, homes };
  } finally {
    await platform.close();
  }
}

/** Meters as they come from the store room: on record with their certificates, and nobody has a key of theirs. */
async function enrolNewcomers({ as, ca }: Embedded): Promise<readonly ChaosNewcomer[]> {
  const made = Array.from({ length: NEWCOMERS }, async (_, n) => {
    const meterId = (FIRST_NEWCOMER + BigInt(n)).toString(16).padStart(16, '0');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const dcId = `street-${CONCENTRATORS / 2 + 1 + (n % (CONCENTRATORS / 2))}`;
    const certificate = await ca.issue(meterThing(meterId), 'meter', await createCsr(meterThing(meterId), privateKey));
    return { meterId, dcId, key: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string, certificate };
  });
  const newcomers = await Promise.all(made);
  const { enrolled } = await enrolMeters(
    as('enrol'),
    newcomers.map(({ meterId, dcId, certificate }) => ({ meterId, certificate, asset: HOME, relays: [dcId] })),
  );
  if (enrolled !== NEWCOMERS) throw new Error(`chaos: ${enrolled} of ${NEWCOMERS} newcomers enrolled`);
  return newcomers.map(({ meterId, dcId, key }) => ({ meterId, dcId, key }));
}

answering(enrol);
