/** The package has no types of its own; this is what fuzz/instrument.ts uses of it. */
declare module 'istanbul-lib-instrument' {
  export interface Instrumenter {
    instrumentSync(code: string, filename: string): string;
  }
  export function createInstrumenter(options: {
    readonly esModules: boolean;
    readonly compact: boolean;
    readonly coverageVariable: string;
    readonly produceSourceMap: boolean;
  }): Instrumenter;
}
