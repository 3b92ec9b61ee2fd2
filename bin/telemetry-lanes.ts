import { type OpenedFrame, recordedFrames } from '../domain/telemetry/opened-frame.ts';
import { ReadingsFold } from '../domain/telemetry/readings.ts';
import { ANNOTATION, type Channel, type DomainEvent, NO_VALUE } from '../events/index.ts';
import type { LaneSlots, Slot, Window } from '../exchange/slots.ts';
import type { ExportSource, Selection } from './export-source.ts';

const MEASURED = { source: 'measured', scaled: false, confidence: 100, revision: 0, edit: null } as const;

interface Installation {
  readonly point: string;
  /** UTC ms. */
  readonly from: number;
  until: number;
}

/** Segment streams folded to what an export needs: readings, registers where a frame tells them, channels, and where meters hang. */
export class TelemetryLanes implements ExportSource {
  readonly #readings = new ReadingsFold();
  readonly #channels = new Map<string, Channel>();
  readonly #registers = new Map<string, Map<number, number>>();
  readonly #installations = new Map<string, Installation[]>();
  #members: string[] = [];

  beginStream(): void {
    this.#readings.beginStream();
    this.#members = [];
  }

  add(event: DomainEvent): void {
    this.#readings.add(event);
    if (event.type === 'MeterJoined') {
      this.#members[event.data.member] = event.data.meterId;
      this.#know(event.data.meterId, event.data.asset.channels);
    } else if (event.type === 'MemberAmended' && event.data.asset !== undefined) {
      this.#know(event.data.meterId, event.data.asset.channels);
    } else if (event.type === 'FramesAccepted') {
      const annotations = Buffer.from(event.data.frames.annotations);
      for (const { frame, i } of recordedFrames(event.data.frames))
        if ((annotations.readUInt32LE(i * 4) & ANNOTATION.misaligned) === 0) this.#addRegister(frame);
    }
  }

  addInstallation(point: string, event: DomainEvent): void {
    if (event.type === 'MeterInstalled') {
      const known = this.#installations.get(event.data.meterId) ?? [];
      this.#installations.set(event.data.meterId, [...known, { point, from: event.data.from, until: Number.POSITIVE_INFINITY }]);
    } else if (event.type === 'MeterRemoved') {
      const here = this.#installations.get(event.data.meterId)?.findLast((installation) => installation.point === point);
      if (here !== undefined) here.until = event.data.until;
    }
  }

  *lanes(window: Window, { meter, point }: Selection): Generator<LaneSlots> {
    const lanes = new Map<string, { key: string; usagePoint: string; minutes: number; slots: Slot[] }>();
    for (const { meterId, channel, end, minutes, energyWh } of this.#readings.sorted()) {
      if (end <= window.from || end > window.until || (meter !== undefined && meter !== meterId)) continue;
      const usagePoint = this.#pointAt(meterId, (end - minutes * 60) * 1000);
      if (point !== undefined && point !== usagePoint) continue;
      const key = `${meterId}/${channel}`;
      const lane = lanes.get(`${usagePoint}/${key}`) ?? { key, usagePoint, minutes, slots: [] };
      lanes.set(`${usagePoint}/${key}`, lane);
      lane.slots.push({ ...MEASURED, end, energyWh, register: this.#registers.get(key)?.get(end) ?? null });
    }
    for (const name of [...lanes.keys()].sort()) {
      const { key, usagePoint, minutes, slots } = lanes.get(name)!;
      const { direction, unit } = this.#channels.get(key)!;
      const [meterId, channel] = key.split('/') as [string, string];
      yield { lane: { usagePoint, meterId, channel: Number(channel), direction, unit, minutes }, slots };
    }
  }

  #know(meterId: string, channels: readonly Channel[]): void {
    channels.forEach((channel, i) => {
      this.#channels.set(`${meterId}/${i}`, channel);
    });
  }

  /** A frame's register is that of its last interval; before it, less by what was measured since. */
  #addRegister(frame: OpenedFrame): void {
    const key = `${this.#members[frame.member]}/${frame.channel}`;
    const channel = this.#channels.get(key);
    if (channel === undefined) return;
    const registers = this.#registers.get(key) ?? new Map<number, number>();
    this.#registers.set(key, registers);
    let { register, end } = frame;
    for (let i = frame.count - 1; i >= 0 && register >= 0; i--, end -= frame.minutes * 60) {
      registers.set(end, register * channel.scale * channel.multiplier);
      if (frame.deltas[i] === NO_VALUE) break;
      register -= frame.deltas[i]!;
    }
  }

  /** '' where the meter hangs nowhere that is recorded. @param at UTC ms, begin of the interval */
  #pointAt(meterId: string, at: number): string {
    return this.#installations.get(meterId)?.find(({ from, until }) => from <= at && at < until)?.point ?? '';
  }
}
