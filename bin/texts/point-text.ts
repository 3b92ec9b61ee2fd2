import type { OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import type { Tally } from '../../lambdas/close-day/tally.ts';
import type { PointPreview } from '../../lambdas/edit/preview-point.ts';
import type { Realigned } from '../../lambdas/register/realign-days.ts';
import { shownIn } from '../terminal/instants.ts';
import { counted } from './counted.ts';
import { differenceText, moneyText } from './money-text.ts';

/** Identity, meters and tenancy, a line each. */
export function pointText(state: OpenUsagePoint): string {
  const at = (instant: number | undefined) => (instant === undefined ? '' : shownIn(instant, state.zone));
  const lines = [
    `${state.usagePoint}  premises ${state.premises}  ${state.meterClass}  ${state.zone}  area ${state.areaLeaf}`,
    ...state.installations.map(({ meterId, from, until }) => `  meter   ${meterId}  ${at(from)} .. ${at(until)}`),
    ...state.multipliers.map(({ meterId, channel, multiplier, validFrom }) => {
      return `  factor  ${meterId}  channel ${channel}  ${multiplier}  from ${at(validFrom)}`;
    }),
    ...state.tariffs.map(({ tariff, from }) => `  tariff  ${tariff}  from ${from}`),
    ...state.tenancy.map(({ subject, from }) => `  tenant  ${subject}  from ${at(from)}`),
    ...state.disconnections.map(({ from, until }) => `  off     ${at(from)} .. ${at(until)}`),
    ...state.moveReads.map(({ meterId, instant, kind }) => `  read    ${meterId}  ${at(instant)}  ${kind}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** What a change of a usage point did. */
export interface PointChanged {
  readonly state: OpenUsagePoint;
  /** False when the usage point said so already. */
  readonly changed: boolean;
  readonly realigned?: Realigned;
  readonly restated?: Tally;
  /** Days of a new meter that the service seals again under the tenant's key. */
  readonly moving?: number;
  /** Multiplier before. */
  readonly before?: number;
}

export function changedText({ state, changed, realigned, restated, moving = 0, before }: PointChanged, json?: true): string {
  if (json)
    return `${JSON.stringify({ changed, realigned, restated: restated?.restated, finalized: restated?.finalized, moving, state })}\n`;
  const parts = changed ? [] : ['nothing changed: it was so already\n'];
  if (before !== undefined && changed) parts.push(`a count was worth ${before} until then\n`);
  if (realigned !== undefined && restated !== undefined) {
    const { days, divided } = realigned;
    parts.push(
      `${counted(days, 'closed day')} looked at again: ${restated.restated} restated, ${restated.finalized} final anew, ${counted(divided, 'stream')} divided\n`,
    );
  }
  if (moving > 0)
    parts.push(
      `${counted(moving, 'closed day of the new meter is', 'closed days of the new meter are')} sealed again under the tenant's key by the service, within about two hours\n`,
    );
  return `${parts.join('')}${pointText(state)}`;
}

export function pointPreviewText(preview: PointPreview, json?: true): string {
  if (json) return `${JSON.stringify(preview)}\n`;
  const { unchanged, bills, notRated } = preview;
  if (unchanged) return 'it is so already\n';
  const lines = bills.map(({ account, from, until, issued, currency, beforeMicro, afterMicro, beforeWh, afterWh, notFinal }) => {
    const money = `${moneyText(beforeMicro)} to ${moneyText(afterMicro)} ${currency} (${differenceText(beforeMicro, afterMicro)})`;
    const open = notFinal === 0 ? '' : `; ${notFinal} days are not final yet`;
    return `${account}  ${from} to ${until}  ${issued ? 'billed' : 'not billed yet'}  ${beforeWh} to ${afterWh} Wh, ${money}${open}`;
  });
  lines.push(...notRated.map(({ account, from, until, code }) => `${account}  ${from} to ${until}  no money: ${code}`));
  return `${lines.join('\n') || 'nobody is billed for it'}\n`;
}
