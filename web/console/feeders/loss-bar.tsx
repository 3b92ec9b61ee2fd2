import { percent } from '../../shared/format.ts';
import { type FeederLimits, isBeyond } from '../model/feeders.ts';

/** From so far below the head to so far above it, percent. */
const [LEAST, MOST, HEIGHT] = [-5, 15, 10];

/** The share that is lost, between the marks of what may be; in words beside it. */
export function LossBar({ share, limits }: { share: number | undefined; limits: FeederLimits }) {
  if (share === undefined) return <span class="soft">–</span>;
  const end = Math.min(MOST, Math.max(LEAST, share * 100));
  return (
    <span class="spark loss">
      <svg viewBox={`${LEAST} 0 ${MOST - LEAST} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <rect class="track" x={LEAST} y={0} width={MOST - LEAST} height={HEIGHT} />
        <rect
          class={isBeyond(share, limits) ? 'part beyond' : 'part'}
          x={Math.min(0, end)}
          y={2}
          width={Math.abs(end)}
          height={HEIGHT - 4}
        />
        {[-limits.above, limits.below].map((perMille) => (
          <line key={perMille} class="limit" x1={perMille / 10} x2={perMille / 10} y1={0} y2={HEIGHT} />
        ))}
        <line class="nought" x1={0} x2={0} y1={0} y2={HEIGHT} />
      </svg>
      <span class="number">{percent(share, { digits: 1 })}</span>
    </span>
  );
}
