import type { AuditPage } from '../../api/console.ts';
import { codeOf } from '../../events/errors.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { ProtocolRefusal } from '../../protocol/refusal.ts';
import { instant } from '../http/instants.ts';
import { latestCheckpoint } from '../log/checkpoints.ts';

/** Where the log over all commits stands, for whoever looks at what was recorded. Nothing before the first checkpoint. */
export async function logStanding({ objects, kms, clock, log }: Platform): Promise<Pick<AuditPage, 'log'>> {
  try {
    const latest = await latestCheckpoint(objects, kms);
    if (latest === undefined) return {};
    return { log: { size: latest.size, at: instant(latest.at), ageSeconds: Math.max(0, Math.round((clock.now() - latest.at) / 1000)) } };
  } catch (error) {
    if (!(error instanceof ProtocolRefusal)) throw error;
    log.error('the log is not as it was signed', { code: codeOf(error) });
    return { log: null };
  }
}
