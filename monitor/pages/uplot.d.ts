declare module '*/uPlot.esm.js' {
  import uPlot from 'uplot';

  // biome-ignore lint/style/noDefaultExport: the library has it so.
  export default uPlot;
}
