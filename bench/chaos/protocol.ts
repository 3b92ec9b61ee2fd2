import type { Part, Trouble } from '../../test/support/faults.ts';
import type { SignedIn } from '../portal/protocol.ts';

/** Time as all processes of a scenario have it: `speed` of its milliseconds go by in one of the machine's. */
export interface ChaosClock {
  /** UTC ms by the scenario's clock when the machine's said `since`. */
  readonly at: number;
  readonly since: number;
  readonly speed: number;
}

export function now({ at, since, speed }: ChaosClock): number {
  return Math.round(at + (Date.now() - since) * speed);
}

/** A town on a state directory, as the process that enrolled it left it. */
export interface ChaosTown {
  readonly type: 'enrolled';
  /** UTC ms from which slots are expected: hour n of a meter ends so many hours later. */
  readonly start: number;
  readonly concentrators: readonly ChaosConcentrator[];
  /** Enrolled, with a certificate and no key: they have yet to say HELLO. */
  readonly newcomers: readonly ChaosNewcomer[];
  /** Of the MDMS, as meters leave the factory with: what a HELLO names. */
  readonly agreementKeyId: string;
  /** Customers' homes: usage point and account. */
  readonly homes: readonly { readonly usagePoint: string; readonly account: string }[];
}

export interface ChaosConcentrator {
  readonly dcId: string;
  /** PKCS #8 PEM. */
  readonly key: string;
  /** X.509 DER. */
  readonly certificate: Uint8Array;
  readonly meters: readonly { readonly meterId: string; readonly secret: Uint8Array }[];
}

export interface ChaosNewcomer {
  readonly meterId: string;
  /** The concentrator it is heard through. */
  readonly dcId: string;
  /** PKCS #8 PEM. */
  readonly key: string;
}

export type TownRequest = { readonly type: 'enrol'; readonly stateDir: string };

/** What is asked of the service's process, one thing at a time. */
export type ServiceRequest =
  | {
      readonly type: 'boot';
      readonly stateDir: string;
      readonly clock: ChaosClock;
      readonly port: number;
      /** Real ms after which a failed message shows again: the visibility of its queue, as the clock goes. */
      readonly retryMs: number;
      /** Schedules that run as the clock demands; by name, or all of them. */
      readonly schedules: 'all' | readonly string[];
      /** Whether they also run by themselves; else only after a jump that asks for it. */
      readonly timer: boolean;
      /** A record of a feed that names this word makes its handler throw, and every other schedule fails. */
      readonly poison?: string;
    }
  | { readonly type: 'trouble'; readonly part: Part; readonly trouble: Trouble | undefined }
  /** Moves the clock by so many ms, and runs what is due then. */
  | { readonly type: 'jump'; readonly by: number; readonly run: boolean }
  | {
      readonly type: 'sign-in';
      readonly homes: readonly { account: string; usagePoint: string }[];
      readonly thumbprints: readonly string[];
    }
  | { readonly type: 'send'; readonly messages: readonly { readonly queue: string; readonly body: string }[] }
  /** An endpoint of the operator's at this port of loopback. */
  | { readonly type: 'subscribe'; readonly feed: string; readonly port: number }
  /** So many items more in a feed. */
  | { readonly type: 'issue'; readonly feed: string; readonly count: number }
  /** A commit of nothing that matters in this stream. */
  | { readonly type: 'record'; readonly stream: string }
  /** Hands to its function once more what feeds have set aside, as the runbook says. */
  | { readonly type: 'redrive' }
  /** Which of these streams have a leaf in the log, or one that waits for its place. */
  | { readonly type: 'leaves'; readonly streams: readonly string[] }
  | { readonly type: 'standing' };

export type ServiceAnswer =
  | {
      readonly type: 'booted';
      readonly url: string;
      readonly ca: string;
      readonly door: string;
      readonly server: { key: string; chain: string };
    }
  | { readonly type: 'done' }
  | { readonly type: 'signed-in'; readonly sessions: readonly SignedIn[] }
  | { readonly type: 'leaves'; readonly streams: readonly string[] }
  | Standing;

/** How the service stands. */
export interface Standing {
  readonly type: 'standing';
  /** Messages and records that wait or are worked on. */
  readonly waiting: number;
  /** Where they do. */
  readonly where: readonly string[];
  /** Rows of the key table that hold secrets of epochs, and what they are wrapped by. */
  readonly secrets: number;
  /** In dead letters, by queue. */
  readonly dead: Readonly<Record<string, number>>;
  /** Positions that feeds have set aside. */
  readonly aside: readonly string[];
  readonly calls: Readonly<Record<Part, number>>;
  readonly refused: Readonly<Record<Part, number>>;
  readonly meterLookups: number;
  /** Handlers of schedules that have thrown since the boot, by name. */
  readonly failedSchedules: readonly string[];
  readonly cpuSeconds: number;
}

export type Flood = 'meters' | 'unknown' | 'handshakes';

/** What is asked of a process of devices. */
export type DevicesRequest =
  /** Connects these concentrators of the town. */
  | {
      readonly type: 'connect';
      readonly town: ChaosTown;
      readonly dcIds: readonly string[];
      readonly url: string;
      readonly ca: string;
    }
  /** Frames at an even pace; what is not acknowledged is sent again until it is. */
  | { readonly type: 'send'; readonly clock: ChaosClock; readonly framesPerSecond: number; readonly seconds: number }
  /** One HELLO of each newcomer behind these concentrators, at an even pace. */
  | { readonly type: 'greet'; readonly newcomers: readonly ChaosNewcomer[]; readonly agreementKeyId: string; readonly seconds: number }
  /** As fast as it goes; what is not acknowledged is forgotten. */
  | { readonly type: 'flood'; readonly clock: ChaosClock; readonly what: Flood; readonly seconds: number };

export type DevicesAnswer =
  | { readonly type: 'connected' }
  | { readonly type: 'greeted'; readonly hellos: number }
  | { readonly type: 'sent'; readonly batches: readonly SentBatch[] }
  | { readonly type: 'flooded'; readonly messages: number; readonly frames: number };

/** A batch that the gateway acknowledged. */
export interface SentBatch {
  readonly dcId: string;
  readonly sequence: number;
  readonly frames: number;
  /** Sum of what its meters measured, Wh. */
  readonly energyWh: number;
  /** UTC ms by the scenario's clock, when it was sent the first time. */
  readonly at: number;
}
