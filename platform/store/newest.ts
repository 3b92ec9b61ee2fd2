/** Puts an entry behind all others of a map, and lets go of the one in front where there are more than may be: those touched last stay. */
export function keepNewest<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value!);
}
