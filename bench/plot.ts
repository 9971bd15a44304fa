/** A point of a line that has a name. */
export interface Point {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

const width = 860;
const height = 480;
const margin = { left: 70, right: 230, top: 40, bottom: 50 };
const colours = ['#888888', '#222222', '#0b6fb8', '#4fb0e8', '#d9730d', '#a3309b', '#2f8f4e'];
const gridLines = 5;
const lineHeight = 18;

function niceMaximum(value: number): number {
  const step = 10 ** Math.floor(Math.log10(value));
  return Math.ceil(value / step) * step;
}

function text(x: number, y: number, what: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}">${what.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`;
}

/** Calls a second over connections, a line for each name, as an SVG document. */
export function toPlot(points: readonly Point[]): string {
  const xs = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  const top = niceMaximum(Math.max(...points.map(({ y }) => y)));
  const plotWidth = width - margin.left - margin.right;
  const plotHeight = height - margin.top - margin.bottom;
  const atX = (x: number) => margin.left + (plotWidth * xs.indexOf(x)) / Math.max(1, xs.length - 1);
  const atY = (y: number) => margin.top + plotHeight * (1 - y / top);

  const grid = Array.from({ length: gridLines + 1 }, (_, index) => {
    const y = (top * index) / gridLines;
    const path = `<path d="M${margin.left} ${atY(y)}h${plotWidth}" stroke="#dddddd"/>`;
    return path + text(10, atY(y) + 4, String(Math.round(y)));
  });
  const names = [...new Set(points.map(({ name }) => name))];
  const lines = names.map((name, index) => {
    const own = points.filter((point) => point.name === name).sort((a, b) => a.x - b.x);
    const path = own.map(({ x, y }) => `${atX(x).toFixed(1)},${atY(y).toFixed(1)}`).join(' ');
    const colour = colours[index % colours.length];
    const y = margin.top + index * lineHeight;
    const key = `<rect x="${width - margin.right + 16}" y="${y - 9}" width="12" height="10" fill="${colour}"/>`;
    const polyline = `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`;
    return polyline + key + text(width - margin.right + 34, y, name);
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(margin.left, 20, 'createCustomer: calls a second by connections'),
    ...grid,
    ...xs.map((x) => text(atX(x) - 6, height - margin.bottom + 20, String(x))),
    ...lines,
    '</svg>\n',
  ].join('\n');
}
