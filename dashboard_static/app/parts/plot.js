/** uPlot options for bars by day. */

import uPlot from "../../vendor/uplot.js";
import { shortDay } from "../short-day.js";

export const HEIGHT = 200;
const DAY_LABEL_PX = 64; // the width of a label such as "23 Nov", with margins
const TOP_OF_NOTHING = 100; // the axis of a chart without values
const NOWHERE = { left: -10, top: -10 };

/** Plots `latest.current` in `place`; calls `setPointed` with the index of the selected day, or null. */
export function uPlotOn(place, latest, setPointed) {
  return new uPlot(options(place, latest, setPointed), plotted(latest.current), place);
}

/** Selects a day by its index, or none. */
export function pointAt(plot, index) {
  plot.setCursor(index === null ? NOWHERE : { left: plot.valToPos(index, "x"), top: 0 });
}

/** uPlot's columns: the positions of the bars, then each series. Stacked series include the sum of those below. */
export function plotted({ dates, series, stacked }) {
  const columns = series.map(({ values }) => values);
  const heights = stacked ? columns.map((_, index) => summed(columns.slice(index))) : columns;
  return [dates.map((_, index) => index), ...heights];
}

function summed(columns) {
  return columns[0].map((_, index) => columns.reduce((sum, values) => sum + values[index], 0));
}

/** Layout and colours. Labels are read from `latest`, so that they follow new data. */
function options(place, latest, setPointed) {
  const { series, stacked } = latest.current;
  const axis = { stroke: painted(place, "faint"), font: "12px system-ui, sans-serif", ticks: { show: false } };
  const dayAt = (index) => latest.current.dates[index];
  return {
    width: place.clientWidth,
    height: HEIGHT,
    padding: [10, 22, 0, 0], // space for half of today's label
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      x: { time: false, range: (_, first, last) => [first - 0.5, last + 0.5] },
      y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : TOP_OF_NOTHING] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        grid: { show: false },
        splits: (plot) => labelledDays(latest.current.dates.length, plot.bbox.width / devicePixelRatio),
        values: (_, ticks) => ticks.map((index) => (dayAt(index) ? shortDay(dayAt(index)) : "")),
      },
      {
        ...axis,
        size: stacked ? 40 : 60,
        space: 40,
        grid: { stroke: painted(place, "grid"), width: 1 },
        incrs: stacked ? WHOLE : undefined,
        values: (_, ticks) => ticks.map((value) => latest.current.formatShort(value)),
      },
    ],
    series: [{}, ...series.map(({ colour }) => bars(painted(place, colour)))],
    hooks: { setCursor: [({ cursor }) => setPointed(cursor.idx ?? null)] },
  };
}

/** The indexes of the days with a label: as many as fit, counted back from today. */
function labelledDays(count, width) {
  const step = Math.max(1, Math.ceil((count * DAY_LABEL_PX) / width));
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => count - 1 - index * step).reverse();
}

function bars(colour) {
  return { fill: colour, stroke: colour, width: 0, paths: uPlot.paths.bars({ size: [0.7, 28] }), points: { show: false } };
}

/** The computed colour of a custom property: a canvas supports neither `var` nor `light-dark`. */
function painted(place, name) {
  place.style.color = `var(--${name})`;
  const { color } = getComputedStyle(place);
  place.style.color = "";
  return color;
}

/** Axis steps for counts. */
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6];
