const METER_ID = /^[0-9a-f]{16}$/;
const RELAY_ID = /^[a-z0-9-]{1,32}$/;

/**
 * What the gateway may call a device, the likeliest first: a meter by its 16 digits, anything else that can be a name is a concentrator's. One that is
 * called `dc-1` by people has `dc-dc-1` for a name there, and one called `1` has `dc-1`. @param text as typed @returns nothing for no name of either
 */
export function devicesNamed(text: string): readonly string[] {
  const typed = text.trim().toLowerCase();
  const [, prefixed] = /^m-(.*)$/.exec(typed) ?? [];
  if (METER_ID.test(prefixed ?? typed)) return [`m-${prefixed ?? typed}`];
  return [typed, ...(typed.startsWith('dc-') ? [typed.slice('dc-'.length)] : [])].filter((id) => RELAY_ID.test(id)).map((id) => `dc-${id}`);
}

/** @param kind of the device, as the service says it */
export function thingOf({ kind, id }: { readonly kind: 'meter' | 'concentrator'; readonly id: string }): string {
  return kind === 'meter' ? `m-${id}` : `dc-${id}`;
}
