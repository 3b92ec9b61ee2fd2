const HEIGHTS = [22, 18, 16, 16, 20, 34, 58, 72, 60, 48, 42, 46, 54, 50, 44, 48, 62, 86, 104, 96, 78, 60, 42, 30] as const;
const [PITCH, WIDTH, FLOOR] = [16, 10, 120] as const;
const NOW = 14;

/** A day of somebody, drawn as the portal draws it. */
export function WelcomeArt() {
  return (
    <svg class="welcome-art" viewBox={`0 0 ${HEIGHTS.length * PITCH} ${FLOOR + 4}`} aria-hidden="true" focusable="false">
      {HEIGHTS.map((height, hour) => (
        <rect
          key={hour}
          class={hour === NOW ? 'bar bar-edited' : hour > NOW ? 'bar-to-come' : 'bar'}
          x={hour * PITCH + 3}
          y={FLOOR - height}
          width={WIDTH}
          height={height}
          rx="3"
        />
      ))}
      <line class="bars-base" x1="0" x2={HEIGHTS.length * PITCH} y1={FLOOR} y2={FLOOR} />
    </svg>
  );
}
