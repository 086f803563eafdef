/** What uPlot is told, to draw bars over days. */

import uPlot from "../../vendor/uplot.js";
import { day } from "../times.js";

export const HEIGHT = 200;
const DAY_LABEL_PX = 64; // what a label such as "23 Nov" takes, with room around it
const TOP_OF_NOTHING = 100; // the axis of a chart without a value
const NOWHERE = { left: -10, top: -10 };

/** The plot of `latest.current`, in `place`; `setPointed` is told the index of the day that is pointed at, or null. */
export function uPlotOn(place, latest, setPointed) {
  return new uPlot(options(place, latest, setPointed), plotted(latest.current), place);
}

/** Point at a day by its index, or at none. */
export function pointAt(plot, index) {
  plot.setCursor(index === null ? NOWHERE : { left: plot.valToPos(index, "x"), top: 0 });
}

/** uPlot's columns: where the bars stand, then each series, what stands on others as the sum with them. */
export function plotted({ dates, series, stacked }) {
  const columns = series.map(({ values }) => values);
  const heights = stacked ? columns.map((_, index) => summed(columns.slice(index))) : columns;
  return [dates.map((_, index) => index), ...heights];
}

function summed(columns) {
  return columns[0].map((_, index) => columns.reduce((sum, values) => sum + values[index], 0));
}

/** What is drawn, where, and in which colours. The labels are those of `latest`, as the days go by. */
function options(place, latest, setPointed) {
  const { series, stacked } = latest.current;
  const axis = { stroke: painted(place, "faint"), font: "12px system-ui, sans-serif", ticks: { show: false } };
  const dayAt = (index) => latest.current.dates[index];
  return {
    width: place.clientWidth,
    height: HEIGHT,
    padding: [10, 22, 0, 0], // room for half of today's label
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
        values: (_, ticks) => ticks.map((index) => (dayAt(index) ? day(dayAt(index)) : "")),
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

/** Which days have a label, by index: as many as there is room for, back from today. */
function labelledDays(count, width) {
  const step = Math.max(1, Math.ceil((count * DAY_LABEL_PX) / width));
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => count - 1 - index * step).reverse();
}

function bars(colour) {
  return { fill: colour, stroke: colour, width: 0, paths: uPlot.paths.bars({ size: [0.7, 28] }), points: { show: false } };
}

/** What a custom property is as a colour here and now: a canvas knows neither `var` nor `light-dark`. */
function painted(place, name) {
  place.style.color = `var(--${name})`;
  const { color } = getComputedStyle(place);
  place.style.color = "";
  return color;
}

/** Steps of an axis of things that are counted. */
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6];
