import type { KeyObject } from 'node:crypto';
import type { Commissioned, Stock, StockMeter } from '../../devices/fleet/protocol.ts';
import { type EnrolOptions, enrolMeters } from '../../lambdas/enrol/enrol-meters.ts';
import { enrolRelay } from '../../lambdas/enrol/enrol-relay.ts';
import type { StockEntry } from '../../lambdas/enrol/stock.ts';
import { INGEST_LIMITS, type IngestLimits } from '../../lambdas/ingest/limits.ts';
import { pinRoot, tellDisplayKeys } from '../../lambdas/prices/key-list.ts';
import { firstGenerations, issueManifest, loadKeyring } from '../../lambdas/shared/keys/manifest.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import type { Clock, Platform } from '../../platform/ports/platform.ts';
import { concentratorThing, meterThing } from '../../topology/device-access.ts';
import type { ConnectionLimits } from '../../topology/limits.ts';
import type { Applications } from '../site/sites.ts';
import { counted } from '../texts/counted.ts';
import { registerHomes } from '../town/homes.ts';
import { closeDoors, type DoorPorts, type Doors, openDoors } from './doors.ts';
import { handlersOn } from './handlers.ts';

export interface ServiceOptions {
  readonly stateDir: string;
  readonly clock: Clock;
  /** False when somebody else steps the clock and calls `platform.host.runDue`. */
  readonly timer?: boolean;
  readonly limits?: IngestLimits;
  readonly connectionLimits?: Partial<ConnectionLimits>;
  /** Nothing is deleted when its time has come: for whoever counts everything afterwards. */
  readonly keepsAll?: boolean;
  /** Port of the device gateway; default any free one. */
  readonly brokerPort?: number;
  /** Where the log's witness lies; default a folder of the state. */
  readonly witnessDir?: string;
  /** Networks of recipients that are not public, as CIDR: nothing is pushed into any other. */
  readonly privateNetworks?: readonly string[];
  /** Ports of the doors; default any free one each. */
  readonly doorPorts?: DoorPorts;
  /** Portal and console; without it browsers are shown neither. */
  readonly applications?: Applications;
}

/** Whoever steps the clock waits for the queues; failed messages must not stay hidden for minutes of real time. */
const STEPPED_RETRY_MS = 50;

/** The first manifest of a new installation, and the keys that customers' devices may trust. */
export async function install(platform: Embedded, clock: Clock): Promise<void> {
  const operator = platform.as('operator-cli');
  const { manifestRoot } = platform.ca;
  const sign = (bytes: Buffer) => manifestRoot.sign(bytes);
  if ((await operator.objects.list('keyring/')).length === 0) await issueManifest(operator, firstGenerations(clock.now()), 1, sign);
  await pinRoot(operator, manifestRoot.publicKey.export({ format: 'der', type: 'spki' }));
  await tellDisplayKeys(operator, platform.kms.admin, sign);
}

/** The whole service in one process: the embedded platform with every handler on it. */
export class Service {
  readonly platform: Embedded;
  readonly doors: Doors;

  private constructor(platform: Embedded, doors: Doors) {
    this.platform = platform;
    this.doors = doors;
  }

  /** Boots from the state directory, or makes a new installation in it. */
  static async boot({
    stateDir,
    clock,
    timer = true,
    limits = INGEST_LIMITS,
    keepsAll,
    doorPorts = {},
    applications,
    ...gateway
  }: ServiceOptions): Promise<Service> {
    const platform = await createEmbeddedPlatform({
      stateDir,
      clock,
      timer,
      ...gateway,
      ...(timer ? {} : { retryMs: STEPPED_RETRY_MS }),
    });
    try {
      await install(platform, clock);
      await platform.host.start(handlersOn(platform, limits, keepsAll));
      return new Service(platform, await openDoors(platform, clock, doorPorts, applications === undefined ? {} : { applications }));
    } catch (error) {
      await platform.close();
      throw error;
    }
  }

  /** Again for the same stock: nothing new. */
  commission(stock: Stock, options?: Commissioning): Promise<Commissioned> {
    return commission(this.platform, stock, options);
  }

  /** Resolves when nothing is queued and nobody works, and what the clock demands is done. */
  async settle(): Promise<void> {
    await this.platform.host.drain();
    await this.platform.host.runDue();
    await this.platform.host.drain();
  }

  async close(): Promise<void> {
    await closeDoors(Object.values(this.doors));
    await this.platform.close();
  }
}

/** Certificates issued side by side before somebody may say stop. */
const SIGNED_AT_ONCE = 64;

export type Commissioning = Pick<EnrolOptions, 'onProgress' | 'signal'>;

/** Where there is something to enrol at: a platform, who signs what meters trust, and where devices connect. */
export interface Installation {
  as(principal: 'billing' | 'enrol'): Platform;
  readonly ca: { readonly manifestRoot: { readonly publicKey: KeyObject }; readonly rootPem: string };
  readonly broker: { readonly url: string };
}

/** Signs for what is in stock, enrols it, and says how to reach the service. @throws the signal's reason when it was told to end */
export async function commission(platform: Installation, stock: Stock, options: Commissioning = {}): Promise<Commissioned> {
  const enrol = platform.as('enrol');
  const concentrators: { dcId: string; certificate: Buffer }[] = [];
  for (const { dcId, csr, certificate } of stock.concentrators) {
    const issued = certificate ?? (await enrol.devices.issueCertificate(concentratorThing(dcId), 'concentrator', Buffer.from(csr)));
    await enrolRelay(enrol, dcId, Buffer.from(issued));
    concentrators.push({ dcId, certificate: Buffer.from(issued) });
  }
  const meters: StockEntry[] = [];
  for (let from = 0; from < stock.meters.length; from += SIGNED_AT_ONCE) {
    options.signal?.throwIfAborted();
    meters.push(...(await Promise.all(stock.meters.slice(from, from + SIGNED_AT_ONCE).map((meter) => certified(enrol, meter)))));
  }
  const { refused } = await enrolMeters(enrol, meters, options);
  if (refused.length > 0)
    throw new Error(`${counted(refused.length, 'meter')} could not be enrolled, the first because of ${refused[0]!.reason}`);
  await registerHomes(platform, stock.meters, stock.start);
  const root = platform.ca.manifestRoot.publicKey.export({ format: 'der', type: 'spki' });
  const { manifest } = await loadKeyring(enrol);
  const certificates = meters.map(({ meterId, certificate }) => ({ meterId, certificate }));
  const { url: brokerUrl } = platform.broker;
  return { type: 'commissioned', meters: certificates, concentrators, root, manifest, brokerUrl, brokerCa: platform.ca.rootPem };
}

async function certified(enrol: Platform, { meterId, csr, asset, relays, certificate }: StockMeter): Promise<StockEntry> {
  const issued = certificate ?? (await enrol.devices.issueCertificate(meterThing(meterId), 'meter', Buffer.from(csr)));
  return { meterId, asset, relays, certificate: Buffer.from(issued) };
}
