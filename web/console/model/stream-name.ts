/** The name of a stream in pieces between which a line may break: behind each dot, such as `access/2026-11-26.` and `deliver`. */
export function piecesOf(stream: string): readonly string[] {
  return stream.split(/(?<=\.)/);
}
