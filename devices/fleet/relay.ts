import type { FlushReport } from '../concentrator/concentrator.ts';
import type { MeterOutput } from '../meter/output.ts';

/** What the fleet needs of a concentrator, honest or not. */
export interface Relay {
  accept(output: MeterOutput, meterId: string): void;
  /** Closes batches and sends them. Never rejects. */
  flush(): Promise<FlushReport>;
  /** Called with every message for a meter. */
  onDownlink: (meterId: string, bytes: Buffer) => void;
}
