import type { KeyObject } from 'node:crypto';
import { signerOf } from '../../protocol/cose.ts';
import { type DaySigned, verifyDaySigned } from '../../protocol/day-key.ts';
import {
  type Accept,
  ecdh,
  encodeHello,
  ephemeralPair,
  type Hello,
  helloHashOf,
  parseAccept,
  parseEpochIs,
  type SignedMessage,
  SUITE,
  spkiToPoint,
} from '../../protocol/handshake.ts';
import { agreeEpochSecret, EPOCH, epochKeys } from '../../protocol/keys.ts';
import { ProtocolRefusal } from '../../protocol/refusal.ts';
import type { MeterIdentity } from './identity.ts';
import type { Keyring } from './keyring.ts';
import { ownBytes } from './nvram.ts';
import type { KeyTrust } from './trust.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Waits between repeats of the same HELLO; the last one goes on. */
const BACKOFF = [15 * MINUTE, 30 * MINUTE, 60 * MINUTE, 120 * MINUTE] as const;
/** A HELLO that nobody answered for so long is given up: the ACCEPT recorded for it would be stale. */
const HELLO_LIFE = 3 * DAY;
/** The clocks of both sides may differ by this much where validity is judged. */
const CLOCK_TOLERANCE = 10 * MINUTE;
/**
 * A clock that an ACCEPT checked is relied upon for so long. Then any is possible again: a meter whose clock went wrong
 * meanwhile, and refuses what is true, must find back.
 */
const CLOCK_KNOWN_FOR = EPOCH.sealDays * DAY;
const MESSAGES_LEFT_TO_ASK = 4_096;

interface Outstanding {
  readonly hello: SignedMessage<Hello>;
  readonly privateKey: KeyObject;
  /** Compressed point of the MDMS agreement key that the HELLO names. */
  readonly agreementPoint: Buffer;
  readonly agreementKeyId: string;
  readonly firstAt: number;
  attempts: number;
  nextAt: number;
}

/** What an ACCEPT said of the meter's clock. Gone with the power: a clock without power may have stopped. */
interface CheckedClock {
  /** When, ms of the meter's clock. */
  readonly at: number;
  /** It was off by this much at most, ms. */
  readonly within: number;
}

interface HandshakeOptions {
  readonly meterId: string;
  readonly keyring: Keyring;
  readonly trust: KeyTrust;
  readonly identity: MeterIdentity;
  readonly random: (bytes: number) => Buffer;
  /** Is the MDMS's signature on ACCEPT verified? */
  readonly acceptSignature: boolean;
}

/** What an ACCEPT taught the meter about time. */
interface AcceptedTime {
  /** ms to add to the meter's clock: what the round trip proves, else 0. */
  readonly correctionMs: number;
  /** UTC seconds. */
  readonly midnights: readonly number[];
}

/**
 * The meter's side of the handshake. Every new HELLO burns an epoch number; an unanswered one is repeated byte for
 * byte. Times are ms of the meter's clock.
 * @source X.1332 10.1 (mutual authentication; keys agreed, refreshed)
 */
export class MeterHandshake {
  readonly #options: HandshakeOptions;
  #outstanding: Outstanding | undefined;
  #asked = false;
  #checked: CheckedClock | undefined;

  constructor(options: HandshakeOptions) {
    this.#options = options;
  }

  /** The MDMS asked for a new epoch. */
  ask(): void {
    this.#asked = true;
    if (this.#outstanding !== undefined) this.#outstanding.nextAt = 0;
  }

  /** A HELLO that is due at `at`, new or repeated. */
  async poll(at: number): Promise<Buffer | undefined> {
    if (!this.#needed(at)) return undefined;
    this.#dropStale(at);
    this.#outstanding ??= await this.#begin(at);
    const outstanding = this.#outstanding;
    if (outstanding === undefined || at < outstanding.nextAt) return undefined;
    const wait = BACKOFF[Math.min(outstanding.attempts, BACKOFF.length - 1)]!;
    const jitter = outstanding.hello.message.nonce[outstanding.attempts % 16]! / 1024;
    outstanding.attempts += 1;
    outstanding.nextAt = at + Math.round(wait * (1 + jitter));
    return outstanding.hello.bytes;
  }

  /** @throws ERR_HANDSHAKE_REFUSED unless it is the trusted answer to the HELLO that waits */
  receiveAccept(bytes: Buffer, at: number): AcceptedTime {
    const { keyring, trust, acceptSignature } = this.#options;
    const accept = parseAccept(bytes);
    const outstanding = this.#answering(accept.message);
    const { utc, notBefore, notAfter } = accept.message;
    const { firstAt } = outstanding;
    const correctionMs = provenCorrection(firstAt, utc, at);
    const now = at + correctionMs;
    if (acceptSignature) {
      if (utc + this.#clockError(at) < firstAt || utc - this.#clockError(at) > at) throw refused('validity');
      this.#demandSigned(accept, firstAt, at);
    }
    if (now < notBefore - CLOCK_TOLERANCE || now >= notAfter) {
      this.#outstanding = undefined;
      throw refused('validity');
    }
    if (!keyring.propose(epochRecord(outstanding, accept))) throw refused('nvram');
    trust.learnTime(utc);
    this.#checked = { at: now, within: at - firstAt + CLOCK_TOLERANCE };
    this.#outstanding = undefined;
    this.#asked = false;
    return { correctionMs, midnights: accept.message.midnights };
  }

  /** @throws ERR_HANDSHAKE_REFUSED unless signed by a trusted handshake key and bound to the HELLO that waits */
  receiveEpochIs(bytes: Buffer, at: number): void {
    const { meterId, keyring } = this.#options;
    const epochIs = parseEpochIs(bytes);
    const { hello, firstAt } = this.#outstanding ?? {};
    if (
      hello === undefined ||
      firstAt === undefined ||
      epochIs.message.meterId !== meterId ||
      !epochIs.message.nonce.equals(hello.message.nonce)
    ) {
      throw refused('not-asked');
    }
    this.#demandSigned(epochIs, firstAt, at);
    this.#outstanding = undefined;
    this.#asked = true;
    keyring.followEpoch(epochIs.message.epoch);
  }

  /** The meter's clock was set by a message that may have been long under way. */
  clockMoved(): void {
    this.#checked = undefined;
  }

  /**
   * Signed by a day key that a handshake key of the manifest certified, that lived between the HELLO and now by the meter's
   * clock, as far as the clock is known, and whose day ended after the latest time the meter knows to be past.
   */
  #demandSigned(signed: SignedMessage<DaySigned>, firstAt: number, at: number): void {
    const { trust } = this.#options;
    const { notBefore, notAfter, handshakeKeyId } = signed.message.dayKey.message;
    const error = this.#clockError(at);
    if (notAfter <= trust.knownTime || notAfter + error <= firstAt || notBefore - error > at) throw refused('validity');
    const key = trust.handshakeKey(handshakeKeyId, Math.min(Math.max(at, notBefore), notAfter - 1));
    if (key === undefined || !verifyDaySigned(signed, key)) throw refused('signature');
  }

  /** What the meter's clock may be off by, ms: without bound unless an ACCEPT checked it since power came, and not long ago. */
  #clockError(at: number): number {
    const checked = this.#checked;
    return checked !== undefined && at - checked.at < CLOCK_KNOWN_FOR ? checked.within : Number.POSITIVE_INFINITY;
  }

  #needed(at: number): boolean {
    const { keyring } = this.#options;
    const newest = keyring.pending ?? keyring.current;
    if (newest === undefined || this.#asked) return true;
    return at >= newest.notBefore + EPOCH.rotateDays * DAY - this.#spread() || newest.reserve + MESSAGES_LEFT_TO_ASK > newest.messageLimit;
  }

  /** Meters don't rotate at one moment because they were installed at one. @returns up to 6 h */
  #spread(): number {
    return (Number.parseInt(this.#options.meterId.slice(-4), 16) / 0x1_0000) * 6 * 60 * MINUTE;
  }

  #dropStale(at: number): void {
    const outstanding = this.#outstanding;
    if (outstanding === undefined) return;
    const otherKey = this.#options.trust.agreementKey(at)?.keyId !== outstanding.agreementKeyId;
    if (otherKey || at - outstanding.firstAt > HELLO_LIFE) this.#outstanding = undefined;
  }

  async #begin(at: number): Promise<Outstanding | undefined> {
    const { meterId, keyring, trust, identity, random } = this.#options;
    const agreement = trust.agreementKey(at);
    const epoch = agreement && keyring.burnEpoch();
    if (agreement === undefined || epoch === undefined) return undefined;
    const { privateKey, point } = ephemeralPair();
    const hello = await encodeHello(
      { meterId, epoch, suite: SUITE.p256, ephemeral: point, nonce: random(16), agreementKeyId: agreement.keyId },
      signerOf(identity.privateKey),
    );
    const agreementPoint = spkiToPoint(agreement.spki);
    return { hello, privateKey, agreementPoint, agreementKeyId: agreement.keyId, firstAt: at, attempts: 0, nextAt: at };
  }

  /** The HELLO that this ACCEPT answers. */
  #answering(accept: Accept): Outstanding {
    const { meterId, keyring } = this.#options;
    const outstanding = this.#outstanding;
    if (outstanding === undefined) throw refused('not-asked');
    const { hello } = outstanding;
    if (accept.meterId !== meterId || accept.epoch !== hello.message.epoch) throw refused('not-asked');
    if (!accept.helloHash.equals(helloHashOf(hello))) throw refused('hello-hash');
    if (accept.suite !== hello.message.suite || accept.suite < keyring.suiteFloor) throw refused('suite');
    return outstanding;
  }
}

function epochRecord({ hello, privateKey, agreementPoint }: Outstanding, accept: SignedMessage<Accept>) {
  const { epoch, suite, ephemeral, notBefore, notAfter, messageLimit } = accept.message;
  const z1 = ecdh(privateKey, agreementPoint);
  const z2 = ecdh(privateKey, ephemeral);
  const secret = agreeEpochSecret(hello.tbs, accept.tbs, z1, z2);
  const { chain0, macDown, confirmation } = epochKeys(secret);
  for (const spent of [z1, z2, secret]) spent.fill(0);
  return {
    epoch,
    suite,
    notBefore,
    notAfter,
    messageLimit: Math.min(messageLimit, EPOCH.messageLimit),
    reserve: 0,
    dnSeq: 0,
    generation: 0,
    chain: ownBytes(chain0),
    macDown: macDown.export(),
    confirmation: ownBytes(confirmation.subarray(0, 16)),
  };
}

/**
 * The MDMS wrote `utc` between the first HELLO and now. A meter's clock outside that window is wrong by at least the
 * distance to it; inside, a relay's delay could explain everything, so nothing is changed.
 */
function provenCorrection(helloAt: number, utc: number, now: number): number {
  if (utc < helloAt) return utc - helloAt;
  return utc > now ? utc - now : 0;
}

function refused(reason: string): ProtocolRefusal {
  return new ProtocolRefusal('ERR_HANDSHAKE_REFUSED', reason);
}
