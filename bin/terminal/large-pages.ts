/** glibc's allocator asks the kernel for large pages where it may have them (`madvise`). */
const TUNABLES = 'glibc.malloc.hugetlb=1';

/** Environment of a process whose memory lies on large pages, where the system has them. */
export const LARGE_PAGES: Readonly<Record<string, string>> = { GLIBC_TUNABLES: TUNABLES };

/**
 * Goes on in the same process with its memory on large pages: the state of a large town is many times what the processor's table of
 * 4 KiB pages covers. glibc reads the setting when a process begins, so the process begins again; nothing happens where the
 * operator has settings of their own, where somebody holds a channel to this process, or outside Linux.
 */
export function beginOnLargePages(): void {
  if (process.platform !== 'linux' || process.env['GLIBC_TUNABLES'] !== undefined || process.send !== undefined) return;
  if (process.execve === undefined) return;
  const begun = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  process.execve(process.execPath, begun, { ...process.env, ...LARGE_PAGES });
}
