import { checkPayloads, demandResponse } from '../../domain/price/demand-response.ts';
import { type AdrEvent, type DemandResponseClaims, JoulekeepError, PRICE_ISSUER, PRICE_TYP } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { jwsHash } from '../../protocol/jws.ts';
import { JwsSigner } from '../shared/feeds/jws-signer.ts';
import { foldStream, runDecider } from '../shared/streams.ts';

/** What an operator asks for. */
export interface AskedEvent {
  readonly program: string;
  /** Letters, digits, `-`, `_`; the same id again replaces the event, level 0 takes it back. */
  readonly id: string;
  readonly name: string;
  /** 0 (as usual) to 3 (emergency). */
  readonly level: number;
  /** UTC ms. */
  readonly start: number;
  readonly minutes: number;
  /** Devices begin at random within so many minutes. */
  readonly randomMinutes: number;
}

const MOST_MINUTES = 24 * 60;

/** @throws ERR_PROGRAM_ID */
export async function openProgram(platform: Platform, program: string, name: string): Promise<void> {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(program))
    throw new JoulekeepError('ERR_PROGRAM_ID', `${program}: letters, digits, - and _ make a program id`);
  const command = { type: 'OpenProgram', program, name, at: platform.clock.now() } as const;
  await runDecider(platform.events, `demand-response/${program}`, demandResponse, command);
}

/**
 * Signs an event of a program and records it.
 * @returns claims as signed @throws ERR_PROGRAM_UNKNOWN, ERR_PAYLOAD_NOT_ALLOWED, ERR_EVENT_TIMES
 */
export async function publishDemandResponse(platform: Platform, asked: AskedEvent): Promise<DemandResponseClaims> {
  const { program } = asked;
  const now = platform.clock.now();
  const { state } = await foldStream(platform.events, `demand-response/${program}`, demandResponse);
  if (state.name === undefined) throw new JoulekeepError('ERR_PROGRAM_UNKNOWN', `program ${program} was never opened`);
  const event = eventOf(asked, state.events.get(asked.id)?.createdDateTime, now);
  checkPayloads(event);
  const exp = Math.floor(asked.start / 1000) + (asked.minutes + asked.randomMinutes) * 60;
  const iat = Math.floor(now / 1000);
  const chained = { seq: state.head.seq + 1, prevHash: state.head.hash };
  const claims: DemandResponseClaims = { iss: PRICE_ISSUER, program, ...chained, iat, nbf: iat, exp, event };
  const jws = await new JwsSigner(platform.kms, 'demand-response', PRICE_TYP.demandResponse).sign(claims);
  const command = { type: 'PublishDemandResponse', claims, jws, hash: jwsHash(jws), at: now } as const;
  await runDecider(platform.events, `demand-response/${program}`, demandResponse, command);
  return claims;
}

function eventOf(
  { program, id, name, level, start, minutes, randomMinutes }: AskedEvent,
  created: string | undefined,
  now: number,
): AdrEvent {
  const ends = start + minutes * 60_000;
  if (minutes < 1 || minutes > MOST_MINUTES || randomMinutes < 0 || randomMinutes > minutes || ends <= now) {
    throw new JoulekeepError(
      'ERR_EVENT_TIMES',
      `event ${id}: 1 to ${MOST_MINUTES} minutes that aren't over, and not more at random than it lasts`,
    );
  }
  const at = new Date(now).toISOString();
  return {
    id,
    createdDateTime: created ?? at,
    modificationDateTime: at,
    objectType: 'EVENT',
    programID: program,
    eventName: name,
    priority: 3 - level,
    intervalPeriod: { start: new Date(start).toISOString(), duration: `PT${minutes}M`, randomizeStart: `PT${randomMinutes}M` },
    intervals: [{ id: 0, payloads: [{ type: 'SIMPLE', values: [level] }] }],
  };
}
