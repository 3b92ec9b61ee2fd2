import { describe, expect, it } from 'vitest';
import { ProtocolRefusal, unlessRefused } from '../../protocol/refusal.ts';

describe('what is read unless it is refused', () => {
  it('is what was read', async () => {
    expect(await unlessRefused(Promise.resolve('read'), undefined)).toBe('read');
  });

  it('is what stands in its place where it was refused', async () => {
    const refused = Promise.reject(new ProtocolRefusal('ERR_LOG_REFUSED', 'layout'));
    expect(await unlessRefused(refused, 'instead')).toBe('instead');
  });

  it('is no excuse for any other failure', async () => {
    const failed = Promise.reject(new Error('disk'));
    await expect(unlessRefused(failed, 'instead')).rejects.toThrow('disk');
  });
});
