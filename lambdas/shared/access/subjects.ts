import type { Platform } from '../../../platform/ports/platform.ts';

/**
 * Whether every key under which a subject's days lay is destroyed. A month whose key was exchanged for another, and a subject
 * of whom no day was closed yet, are not erased.
 * @param subject account id
 */
export async function isErased({ keys }: Platform, subject: string): Promise<boolean> {
  const prefix = `usage/${subject}/`;
  const [there, destroyed] = await Promise.all([keys.list(prefix), keys.destroyed(prefix)]);
  return there.length === 0 && destroyed.length > 0;
}
