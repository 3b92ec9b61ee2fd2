const METER_ID = /^[0-9a-f]{16}$/;
const RELAY_ID = /^[a-z0-9-]{1,32}$/;

/** A device as the gateway names it: a meter by its 16 digits, anything else that can be a name is a concentrator's. @param text as typed @returns undefined for no name of either */
export function deviceNamed(text: string): string | undefined {
  const typed = text.trim().toLowerCase();
  const [, prefixed] = /^m-(.*)$/.exec(typed) ?? [];
  if (METER_ID.test(prefixed ?? typed)) return `m-${prefixed ?? typed}`;
  const name = typed.replace(/^dc-/, '');
  return RELAY_ID.test(name) ? `dc-${name}` : undefined;
}

/** @param kind of the device, as the service says it */
export function thingOf({ kind, id }: { readonly kind: 'meter' | 'concentrator'; readonly id: string }): string {
  return kind === 'meter' ? `m-${id}` : `dc-${id}`;
}
