// The charts: uPlot in the colours of the page, redrawn when those change.
import uPlot from '/pages/uplot/uPlot.esm.js';
import { byId, make } from './dom.js';

/**
 * A line of a chart.
 * @typedef {{ readonly label: string, readonly colour: string, readonly fill?: boolean, readonly dots?: boolean }} Line
 */

const plotHeight = 170;
const axisWidth = 52;
const fillOpacity = '22';

/** @param {string} name */
function colourOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/**
 * @param {(value: number) => string} write
 * @param {() => [number, number]} span
 */
function optionsOf(write, span) {
  const axis = {
    stroke: colourOf('muted'),
    grid: { stroke: colourOf('line'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  };
  return {
    height: plotHeight,
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    padding: /** @type {[number, number, number, number]} */ ([8, 16, 0, 0]),
    axes: [
      { ...axis, grid: { show: false }, size: 26, gap: 4, space: 52, values: timeLabels },
      {
        ...axis,
        size: axisWidth,
        space: 36,
        values: (/** @type {unknown} */ _, /** @type {number[]} */ at) => at.map(write),
      },
    ],
    scales: {
      x: { range: () => span() },
      y: { range: (/** @type {unknown} */ _, /** @type {number} */ __, /** @type {number} */ max) => rangeTo(max) },
    },
  };
}

/**
 * @param {number | null} max
 * @returns {[number, number]}
 */
function rangeTo(max) {
  return [0, Math.max((max ?? 0) * 1.15, 1)];
}

/**
 * @param {unknown} _
 * @param {number[]} at
 */
function timeLabels(_, at) {
  const format = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
  return at.map((t) => (t % 60 === 0 ? format.format(new Date(t * 1000)) : ''));
}

/**
 * Makes a chart in a figure of the page.
 * @param {string} id
 * @param {readonly Line[]} lines
 * @param {{ readonly write: (value: number) => string, readonly empty: string }} texts how a value is written, on the axis
 *   and in the key; and what is said where there is nothing to draw
 */
export function createChart(id, lines, { write, empty }) {
  const figure = byId(id);
  const place = /** @type {HTMLElement} */ (figure.querySelector('.plot'));
  const key = /** @type {HTMLElement} */ (figure.querySelector('.key'));
  const none = make('p.none', make('span', empty));
  const labels = lines.map(({ label, colour }) => make(`li.${colour}`, label));
  key.replaceChildren(...labels);
  /** @type {uPlot.AlignedData} */
  let data = [[], ...lines.map(() => [])];
  /** @type {[number, number]} */
  let span = [0, 1];
  let plot = draw();

  function draw() {
    const series = lines.map(({ colour, fill, dots = false }) => ({
      stroke: colourOf(colour),
      width: 1.75,
      spanGaps: false,
      points: { show: dots, size: 3.5, fill: colourOf(colour) },
      ...(fill ? { fill: `${colourOf(colour)}${fillOpacity}` } : {}),
    }));
    const hooks = { setCursor: [showKey] };
    const options = { ...optionsOf(write, () => span), width: place.clientWidth, series: [{}, ...series], hooks };
    return new uPlot(options, data, place);
  }

  /** The key tells the values under the pointer, or the latest. */
  function showKey() {
    const at = plot?.cursor.idx ?? data[0].length - 1;
    for (const [index, { label }] of lines.entries()) {
      const value = data[index + 1]?.[at];
      const element = labels[index];
      if (element) element.textContent = value === null || value === undefined ? label : `${label} ${write(value)}`;
    }
  }

  new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: plotHeight })).observe(place);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    plot.destroy();
    plot = draw();
  });

  return {
    /**
     * Draws these values: times, and values of each line; from one time to another.
     * @param {uPlot.AlignedData} values
     * @param {[number, number]} from
     */
    show(values, from) {
      data = values;
      span = from;
      const isEmpty = values.slice(1).every((line) => [...line].every((value) => !value));
      plot.setData(values);
      showKey();
      if (isEmpty) place.append(none);
      else none.remove();
    },
  };
}
