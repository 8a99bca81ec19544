// What vega.js and Streamlit bring, as far as the stage uses it; vl-convert brings no types.

/** A drawn chart: https://vega.github.io/vega/docs/api/view/ */
interface VegaView {
  data(name: string): any[];
  data(name: string, rows: object[]): this;
  signal(name: string): any;
  signal(name: string, value: unknown): this;
  scale(name: string): ((value: number) => number) & { invert(pixel: number): number; domain(): number[] };
  origin(): [number, number];
  width(): number;
  width(pixels: number): this;
  height(): number;
  height(pixels: number): this;
  resize(): this;
  run(): this;
  runAsync(): Promise<this>;
  addSignalListener(name: string, handler: (name: string, value: any) => void): this;
  addEventListener(type: string, handler: (event: Event, item: any) => void): this;
  toCanvas(scale?: number): Promise<HTMLCanvasElement>;
  toImageURL(type: 'png' | 'svg', scale?: number): Promise<string>;
  finalize(): this;
}

declare function vegaEmbed(
  place: Element,
  spec: object,
  options?: object,
): Promise<{ view: VegaView; finalize(): void }>;

interface Window {
  vegaEmbed?: typeof vegaEmbed;
  /** The epoch that the page's play bar shows. */
  epochShown?: number;
}

/** What Streamlit hands to the default export of a component's module. */
interface StreamlitComponent {
  data: any;
  key: string;
  name: string;
  parentElement: HTMLElement | ShadowRoot;
  setStateValue(name: string, value: unknown): void;
  setTriggerValue(name: string, value: unknown): void;
}
