import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { JoulekeepError } from '../../events/errors.ts';
import { ALL_DEFENCES, type Defences } from '../../topology/defences.ts';
import type { ConnectionLimits } from '../../topology/limits.ts';
import { HttpsOutbound } from '../doors/outbound.ts';
import type { KmsCall } from '../ports/kms-record.ts';
import type { Clock, Platform } from '../ports/platform.ts';
import { Keyring } from '../store/keyring.ts';
import { RESTORING } from './backup.ts';
import { EmbeddedBus } from './bus.ts';
import { EmbeddedDirectory } from './directory.ts';
import { EventDatabase } from './event-database.ts';
import { EmbeddedEventStore } from './event-store.ts';
import { Broker } from './gateway/broker.ts';
import { CertificateAuthority } from './gateway/ca.ts';
import { type KeyPair, openKeyPair } from './gateway/ca-files.ts';
import { EmbeddedDevices } from './gateway/devices.ts';
import { BrokerDownlink } from './gateway/downlink.ts';
import { EmbeddedPeople } from './gateway/people.ts';
import { FeedFile } from './host/feed-file.ts';
import { EmbeddedHost } from './host/host.ts';
import { SignInAccounts } from './identity/accounts.ts';
import { KeyDatabase } from './key-table.ts';
import { SoftwareKms } from './kms/kms.ts';
import { EmbeddedObjects } from './objects.ts';
import { StateLock } from './platform-lock.ts';
import { FileLog } from './platform-log.ts';
import { EmbeddedQueues } from './queues.ts';
import { ReadModelFile } from './read-model-file.ts';
import { EmbeddedReadModels } from './read-models.ts';
import { stateId } from './state-id.ts';
import { EmbeddedWitness } from './witness.ts';

export interface EmbeddedOptions {
  /** Holds all state; made when it isn't there. One process at a time. */
  readonly stateDir: string;
  readonly clock: Clock;
  /** By whoever finishes a restore: anybody else is refused a state where one broke off. */
  readonly restoring?: boolean;
  /** Tests only. */
  readonly defences?: Defences;
  /** Port of the device gateway; default any free one. */
  readonly brokerPort?: number;
  readonly connectionLimits?: Partial<ConnectionLimits>;
  /** Tests only: the gateway without TLS. */
  readonly clearLink?: boolean;
  /** See `HostOptions`: what whoever drives the clock sets. */
  readonly retryMs?: number;
  readonly timer?: boolean;
  /** Where copies of the log's checkpoints lie; default a folder of the state, which proves least. */
  readonly witnessDir?: string;
  /** Networks of recipients that are not public, as CIDR; nothing is pushed into any other, this machine's own included. */
  readonly privateNetworks?: readonly string[];
  /** Hears of every call of the key service, when it is on record. */
  readonly onKmsCall?: (call: KmsCall) => void;
}

/** The whole service's outside world in one process. */
export interface Embedded {
  /** The world as one principal may use it; the same object every time. */
  as(principal: string): Platform;
  readonly broker: Broker;
  /** Not running until `start` gets handlers. */
  readonly host: EmbeddedHost;
  readonly ca: CertificateAuthority;
  readonly devices: EmbeddedDevices;
  /** People who may call the API. */
  readonly people: EmbeddedPeople;
  /** Who may sign in with the identity provider, and the key that signs what it says. */
  readonly identity: SignInAccounts;
  readonly identityKey: KeyPair;
  readonly queues: EmbeddedQueues;
  readonly kms: SoftwareKms;
  readonly keys: KeyDatabase;
  /** Sealed commits, for verification and backup. */
  readonly events: EventDatabase;
  readonly log: FileLog;
  /** Ends handlers, connections and files, in that order. */
  close(): Promise<void>;
}

/** @throws ERR_STATE_LOCKED when another process has the state directory open, ERR_RESTORE_UNFINISHED */
export async function createEmbeddedPlatform(options: EmbeddedOptions): Promise<Embedded> {
  mkdirSync(options.stateDir, { recursive: true, mode: 0o700 });
  await using opening = new AsyncDisposableStack();
  const opened = await openParts(options, opening);
  const held = opening.move();
  const platforms = new Map<string, Platform>();
  const as = (principal: string): Platform => {
    const known = platforms.get(principal) ?? platformOf(principal, opened, options);
    platforms.set(principal, known);
    return known;
  };
  return { ...opened, as, close: () => held.disposeAsync() };
}

type Parts = Awaited<ReturnType<typeof openParts>>;

/** Opens everything, and notes in `closing` how each part is closed: last opened, first closed. */
async function openParts(options: EmbeddedOptions, closing: AsyncDisposableStack) {
  const { clock, defences = ALL_DEFENCES } = options;
  const path = (name: string) => join(options.stateDir, name);
  const closed = <T extends { close(): unknown }>(part: T): T => closing.adopt(part, async (it) => void (await it.close()));
  closing.adopt(new StateLock(options.stateDir), (lock) => lock.release());
  if (!options.restoring && existsSync(path(RESTORING)))
    throw new JoulekeepError('ERR_RESTORE_UNFINISHED', `${options.stateDir}: a restore broke off: run joulekeep restore once more`);
  stateId(options.stateDir);
  const log = closed(new FileLog(path('log.jsonl'), clock));
  const keys = closed(new KeyDatabase(path('keys.db'), defences));
  const kms = closed(new SoftwareKms({ path: path('kms.db'), rootKeyPath: path('kms-root.key'), clock, defences, ...heard(options) }));
  await kms.admin.createMissing();
  const events = closed(new EventDatabase(path('events.db')));
  const queues = closed(new EmbeddedQueues(path('queues.db')));
  const directory = closed(new EmbeddedDirectory(path('directory.db')));
  const modelFile = closed(new ReadModelFile(path('models.db')));
  const forgetEnded = () => modelFile.forget(clock.now());
  await forgetEnded();
  const bus = new EmbeddedBus(queues);
  const outbound = new HttpsOutbound({ privateNetworks: options.privateNetworks ?? [] });
  const objects = new EmbeddedObjects(path('objects'), clock);
  const witness = new EmbeddedWitness(options.witnessDir ?? path('witness'), clock);
  const ca = await CertificateAuthority.open(path('ca'), clock);
  const devices = closed(new EmbeddedDevices(path('devices.db'), ca));
  const people = closed(new EmbeddedPeople(path('people.db'), ca, clock));
  const identity = closed(new SignInAccounts(path('identity.db')));
  const identityKey = openKeyPair(path('ca'), 'identity');
  const broker = closed(await Broker.listen({ ca, devices, queues, clock, log, defences, ...gatewayOptions(options) }));
  const downlink = new BrokerDownlink(broker, clock);
  const cursors = closed(new FeedFile(path('feeds.db')));
  // AWS lets go of ended items by itself.
  const chores = [{ name: 'ended-items', everyMinutes: 60, handler: forgetEnded }];
  const host = new EmbeddedHost({ queues, changes: { events, cursors }, clock, log, chores, ...hostOptions(options) });
  closing.adopt(host, (it) => it.stop());
  const gateway = { ca, devices, people, identity, identityKey, broker, downlink };
  return { log, keys, kms, events, queues, bus, outbound, directory, modelFile, objects, witness, ...gateway, host };
}

function platformOf(principal: string, parts: Parts, options: EmbeddedOptions): Platform {
  const { clock, defences = ALL_DEFENCES } = options;
  const { queues, bus, objects, witness, downlink, devices, outbound, log } = parts;
  const keys = parts.keys.as(principal);
  const directory = parts.directory.as(principal);
  const kms = parts.kms.as(principal);
  const keyring = new Keyring({ keys, kms, clock });
  parts.keys.watch((row) => keyring.forget(row));
  const events = new EmbeddedEventStore({ principal, database: parts.events, keyring, kms, objects, clock, defences });
  const models = new EmbeddedReadModels({ file: parts.modelFile, principal, keyring, defences });
  const state = { events, models, keys, kms, objects, witness, directory };
  return { principal, clock, ...state, queues, bus, downlink, devices, outbound, log };
}

function heard({ onKmsCall }: EmbeddedOptions) {
  return onKmsCall === undefined ? {} : { onCall: onKmsCall };
}

function gatewayOptions({ brokerPort, connectionLimits, clearLink = false }: EmbeddedOptions) {
  return { port: brokerPort ?? 0, limits: connectionLimits ?? {}, clearLink };
}

function hostOptions({ retryMs, timer = true }: EmbeddedOptions) {
  return retryMs === undefined ? { timer } : { timer, retryMs };
}
