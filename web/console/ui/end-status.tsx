import type { EndState } from '../model/ends.ts';
import { t } from '../text.ts';
import { Status, type Tone } from './status.tsx';

const TONES = { ended: 'bad', days: 'warn', weeks: 'wait', later: 'good', never: 'idle', revoked: 'bad' } as const satisfies Record<
  EndState,
  Tone
>;

/** When something ends, and what that means. */
export function EndStatus({ state, at }: { state: EndState; at: string | undefined }) {
  return (
    <Status tone={TONES[state]}>
      <span>
        <span class="nowrap">{t(`end.${state}`)}</span> {at !== undefined && <span class="soft nowrap">{at}</span>}
      </span>
    </Status>
  );
}
