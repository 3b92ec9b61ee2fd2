import type { DayFrame, DayVerified, MeterDayEvent, ProfileFault, ReadingsCollected } from '../../events/index.ts';
import type { History } from '../vee/history.ts';
import type { VeePolicy } from '../vee/policy.ts';

/** What a meter day may be asked. `[]` answers what is already so. Times are UTC ms. */
export type MeterDayCommand =
  | { readonly type: 'CollectReadings'; readonly readings: ReadingsCollected }
  | RecordVerification
  | CloseDay
  | FinalizeDay
  | EstimateSlots
  | AcceptSlots
  | EditValues
  | AgreeReading
  | { readonly type: 'ApproveEdit'; readonly edit: number; readonly by: string; readonly at: number }
  /** `mayDecide`: about edits of others; else `by` takes back what they proposed. */
  | { readonly type: 'RejectEdit'; readonly edit: number; readonly by: string; readonly mayDecide: boolean; readonly at: number }
  | UndoEdit
  | RestateDay
  | { readonly type: 'SettleDay'; readonly run: string; readonly at: number }
  | ResealDay;

/** Verdict about chain and seal, and where they contradict the records; the crypto is done by the caller. */
export interface RecordVerification {
  readonly type: 'RecordVerification';
  readonly seal: DayVerified['seal'];
  readonly chain: DayVerified['chain'];
  readonly faults: readonly ProfileFault[];
  readonly at: number;
}

/** Validates, estimates and says how the day stands, in one decision. */
export interface CloseDay extends Closing {
  readonly type: 'CloseDay';
}

/** Final now, whatever is missing: D+5 came, or a person says so. */
export interface FinalizeDay extends Closing {
  readonly type: 'FinalizeDay';
  /** A person who says so, and why. */
  readonly word?: { readonly reason: string; readonly note: string; readonly by: string };
}

export interface Closing {
  readonly policy: VeePolicy;
  /** Per channel, where estimation may look further than the day; read only when a gap needs it. */
  readonly history?: readonly (History | undefined)[];
  /** Findings of the schedule about the day (V24, V26), bits of VEE_RULES; recorded as warnings of the day. */
  readonly warnings?: number;
  /** Spans without supply by the utility's doing, UTC s: use in them is V23's. */
  readonly disconnected?: readonly { readonly from: number; readonly until: number }[];
  /** D+5 07:00 local has passed: final with its flags. */
  readonly due: boolean;
  /** Slots that failed validation and days that contradict their seal don't count as billable. False only in the proof harness. */
  readonly hold: boolean;
  /** A verified seal is asked for before the day is final ahead of time. False only in the proof harness. */
  readonly seal: boolean;
  readonly at: number;
}

interface ByPerson {
  readonly channel: number;
  /** Slot numbers, rising. */
  readonly slots: readonly number[];
  /** Code of the reason. */
  readonly reason: string;
  readonly note: string;
  readonly by: string;
  readonly at: number;
}

/** An estimate by a chosen method, worked out by the caller, for slots that no billable measurement has. */
export interface EstimateSlots extends ByPerson {
  readonly type: 'EstimateSlots';
  readonly counts: readonly number[];
  /** Index into SLOT_SOURCES per slot, SCALED where the register scaled it. */
  readonly sources: readonly number[];
  readonly confidence: readonly number[];
}

/** The measured values count although validation held them. */
export interface AcceptSlots extends ByPerson {
  readonly type: 'AcceptSlots';
}

/** E11: values by hand. */
export interface EditValues extends ByPerson {
  readonly type: 'EditValues';
  readonly counts: readonly number[];
}

/** E11: values that customer and utility agreed upon. */
export interface AgreeReading extends ByPerson {
  readonly type: 'AgreeReading';
  readonly counts: readonly number[];
}

/** Compensates an edit: what stood before it stands again. */
export interface UndoEdit {
  readonly type: 'UndoEdit';
  readonly edit: number;
  readonly reason: string;
  readonly note: string;
  readonly by: string;
  readonly at: number;
}

/** The counts stay, what one count is worth changed (a corrected multiplier): energy is stated again. */
export interface RestateDay {
  readonly type: 'RestateDay';
  readonly perCount: readonly { readonly channel: number; readonly perCount: number }[];
  readonly reason: string;
  readonly by: string;
  readonly at: number;
}

/** The day so far, cut to what `frame` says, becomes another subject's. */
export interface ResealDay {
  readonly type: 'ResealDay';
  readonly frame: DayFrame;
  /** Events of the stream or streams the day stood in before; of part 1 when it was divided. */
  readonly history: readonly MeterDayEvent[];
  readonly reason: string;
  readonly at: number;
}
