import type { Platform } from '../../platform/ports/platform.ts';

export interface Interrupted {
  readonly platform: Platform;
  readonly happened: () => boolean;
}

/** A platform before whose n-th call of the key table, reading of a stream, or writing and listing of the directory somebody else does something. */
export function meanwhile({ keys, events, directory, ...rest }: Platform, n: number, act: () => Promise<unknown>): Interrupted {
  let calls = 0;
  const turn = async () => {
    if (++calls === n) await act();
  };
  const behind = <A extends unknown[], T>(call: (...args: A) => Promise<T>) => {
    return async (...args: A): Promise<T> => {
      await turn();
      return await call(...args);
    };
  };
  async function* read(...args: Parameters<typeof events.read>) {
    await turn();
    yield* events.read(...args);
  }
  async function* list(prefix: string) {
    await turn();
    yield* directory.list(prefix);
  }
  const platform: Platform = {
    ...rest,
    keys: {
      get: behind((id) => keys.get(id)),
      list: behind((prefix) => keys.list(prefix)),
      destroyed: behind((prefix) => keys.destroyed(prefix)),
      putIfAbsent: behind((row) => keys.putIfAbsent(row)),
      destroy: behind((id) => keys.destroy(id)),
    },
    directory: {
      get: (key) => directory.get(key),
      getMany: (wanted) => directory.getMany(wanted),
      put: behind((entries) => directory.put(entries)),
      list,
    },
    events: new Proxy(events, {
      get: (target, name) => {
        if (name === 'read') return read;
        const value = Reflect.get(target, name, target) as unknown;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    }),
  };
  return { platform, happened: () => calls >= n };
}
