/** A number with what it counts: `1 stream`, `2 streams`. @param one its singular @param many its plural, where it is not the singular and an s */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
