import { meter } from '../../domain/enrolment/meter.ts';
import type { MeterCommand } from '../../domain/enrolment/meter-command.ts';
import type { KnownMeter } from '../../domain/enrolment/meter-state.ts';
import type { DomainEvent } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { concentratorThing, meterThing } from '../../topology/device-access.ts';
import { memberStatus, tellOfStanding } from '../enrol/standing.ts';
import { foldRelay, relayStream, runRelay } from '../shared/devices/relays.ts';
import { type DeviceWord, keptWords } from '../shared/kept-words.ts';
import { keptFrom } from '../shared/retained/kept-commits.ts';
import { Segments } from '../shared/segments.ts';
import { foldStream, runDecider } from '../shared/streams.ts';
import { lastSaid } from './last-said.ts';

/**
 * Devices that were cut off since the backup, or for good, are cut off again in their streams and segments; the gateway was not put back. A word is for the device as it was when it was
 * said: one that was let in afterwards stays in, and by a word alone none is let in. @returns how many events it took
 */
export async function sayOfDevices(platform: Platform): Promise<number> {
  const segments = new Segments(platform);
  let count = 0;
  for (const [meterId, words] of await keptWords(platform.keys, 'meter')) count += await sayOfMeter(platform, segments, meterId, words);
  for (const [dcId, words] of await keptWords(platform.keys, 'relay')) count += await sayOfRelay(platform, dcId, words);
  return count;
}

/** What a person has to look at: of each device that words let in, or that the gateway lets in, while its stream says that it is cut off. For the log and for whoever ran the restore. */
export async function cutOffAgain(platform: Platform): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [meterId, words] of await keptWords(platform.keys, 'meter')) {
    const { state } = await foldStream(platform.events, `meter/${meterId}`, meter);
    if (state.status === 'quarantined') found.push(...lookAt(meterThing(meterId), words));
  }
  for (const [dcId, words] of await keptWords(platform.keys, 'relay')) {
    const { state } = await foldRelay(platform, dcId);
    if (state.standing !== 'quarantined') continue;
    const thing = concentratorThing(dcId);
    const letIn = lookAt(thing, words);
    const isOpen = (await platform.devices.find(thing))?.quarantined === false;
    found.push(...(letIn.length === 0 && isOpen ? [`${thing}: cut off in its stream, let in by the gateway`] : letIn));
  }
  return found;
}

function lookAt(thing: string, words: readonly DeviceWord[]): readonly string[] {
  const word = lastLetIn(words);
  if (word === undefined || standingCutOff(words, word.at) !== undefined) return [];
  const { by = 'somebody', reason = 'no reason given' } = word;
  return [`${thing}: cut off again, was let in since by ${by}: ${reason}`];
}

async function sayOfMeter(platform: Platform, segments: Segments, meterId: string, words: readonly DeviceWord[]): Promise<number> {
  const { events: store } = platform;
  const stream = `meter/${meterId}`;
  const { state: before } = await foldStream(store, stream, meter);
  if (before.status === 'unknown') return 0;
  const commands = meterCommands(words, await standingSaid(store, stream, 0));
  if (commands.length === 0) return 0;
  const { state, events } = await runDecider(store, stream, meter, commands);
  await tellUnlessTold(platform, segments, state as KnownMeter);
  return events.length;
}

/** What is for good is so whatever was said later. */
function meterCommands(words: readonly DeviceWord[], known: number): readonly MeterCommand[] {
  const cutOff = standingCutOff(words, known);
  const commands: MeterCommand[] = cutOff === undefined ? [] : [{ type: 'Quarantine', reason: cutOff.reason, at: cutOff.since }];
  for (const { said, ...data } of words) if (said === 'retired') commands.push({ type: 'Retire', ...data } as MeterCommand);
  return commands;
}

/** A restore that broke off may have told the meter's stream and not its segment; one that left its segment is told of by whoever finishes the move. */
async function tellUnlessTold(platform: Platform, segments: Segments, known: KnownMeter): Promise<void> {
  const members = known.segment === undefined ? undefined : (await segments.load(known.segment)).state.members;
  const member = members?.at(members.findId(known.meterId));
  if (member?.status !== memberStatus(known)) await tellOfStanding(platform, segments, known);
}

async function sayOfRelay(platform: Platform, dcId: string, words: readonly DeviceWord[]): Promise<number> {
  const { state } = await foldRelay(platform, dcId);
  if (state.standing === 'unregistered') return 0;
  const stream = relayStream(dcId);
  const cutOff = standingCutOff(words, await standingSaid(platform.events, stream, await keptFrom(platform.events, stream)));
  if (cutOff === undefined) return 0;
  const { events } = await runRelay(platform, dcId, { type: 'QuarantineRelay', reason: cutOff.reason, at: cutOff.since });
  return events.length;
}

/** The quarantine that was said last, unless the device was let in since. @param known when its stream last said how it stands */
function standingCutOff(words: readonly DeviceWord[], known: number): Extract<DeviceWord, { said: 'quarantined' }> | undefined {
  const word = words.findLast((other) => other.said === 'quarantined');
  return word !== undefined && word.at >= Math.max(known, lastLetIn(words)?.at ?? 0) ? word : undefined;
}

/** Of two at one moment the other one counts. */
function lastLetIn(words: readonly DeviceWord[]): Extract<DeviceWord, { said: 'released' }> | undefined {
  return words.findLast((word) => word.said === 'released');
}

/** UTC ms; 0 where what is kept of the stream says nothing of it. */
async function standingSaid(store: Platform['events'], stream: string, from: number): Promise<number> {
  return (await lastSaid(store, stream, standing, from)).get('standing') ?? 0;
}

function standing({ type }: DomainEvent): 'standing' | undefined {
  return STANDING.includes(type) ? 'standing' : undefined;
}

const STANDING: readonly string[] = ['MeterEnrolled', 'MeterQuarantined', 'MeterReleased', 'RelayQuarantined', 'RelayReleased'];
