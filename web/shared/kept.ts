/** What a browser keeps over a reload, by name. */
export interface Kept {
  get(name: string): Promise<unknown>;
  put(name: string, value: unknown): Promise<void>;
  delete(name: string): Promise<void>;
  names(): Promise<readonly string[]>;
}
