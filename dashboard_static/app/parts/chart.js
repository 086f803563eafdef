/** A chart over days: drawn by uPlot for eyes, and a table for screen readers. */

import uPlot from "../../vendor/uplot.js";
import { day } from "../format.js";
import { html, useEffect, useRef, useState } from "../ui.js";

const HEIGHT = 200;
const EVERY_NTH_DAY = [1, 2, 5, 7, 10, 15, 30];

/**
 * `dates` in UTC; `series` are `{name, values, colour}`, `colour` naming a custom property of the style sheet.
 * `stacked` series stand on each other. `format` writes a value, `formatShort` one of the axis.
 */
export function Chart({ dates, series, label, format, formatShort = format, stacked = false }) {
  const place = useRef(null);
  const plot = useRef(null);
  const latest = useRef(null);
  const [pointed, setPointed] = useState(null);
  latest.current = { dates, series, formatShort, stacked };

  useEffect(() => {
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(chartOptions(place.current, latest, setPointed), plotted(latest.current), place.current);
    };
    draw();
    const resized = new ResizeObserver(() => plot.current.setSize({ width: place.current.clientWidth, height: HEIGHT }));
    resized.observe(place.current);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    return () => {
      resized.disconnect();
      scheme.removeEventListener("change", draw);
      plot.current.destroy();
    };
  }, []);

  useEffect(() => plot.current.setData(plotted(latest.current)), [dates, series]);

  const at = pointed ?? dates.length - 1;
  return html`
    <figure class="chart">
      <figcaption class="legend" aria-hidden="true">
        <span class="faint">${dates[at] && day(dates[at])}</span>
        ${series.map(
          ({ name, values, colour }) => html`
            <span class="legend-item"><i class="swatch ${colour}"></i>${name} <b>${format(values[at] ?? 0)}</b></span>
          `,
        )}
      </figcaption>
      <div ref=${place} class="plot" aria-hidden="true"></div>
      <${DataTable} dates=${dates} series=${series} label=${label} format=${format} />
    </figure>
  `;
}

function DataTable({ dates, series, label, format }) {
  return html`
    <div class="unseen">
      <table>
        <caption>${label}</caption>
        <thead><tr><th scope="col">Day</th>${series.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
        <tbody>
          ${dates.map(
            (date, index) => html`
              <tr><th scope="row">${day(date)}</th>${series.map(({ values }) => html`<td>${format(values[index])}</td>`)}</tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `;
}

/** uPlot's columns: where the bars stand, then each series, what stands on others as the sum with them. */
function plotted({ dates, series, stacked }) {
  const columns = series.map(({ values }) => values);
  const heights = stacked ? columns.map((_, index) => summed(columns.slice(index))) : columns;
  return [dates.map((_, index) => index), ...heights];
}

function summed(columns) {
  return columns[0].map((_, index) => columns.reduce((sum, values) => sum + values[index], 0));
}

/** What is drawn, where, and in which colours. The labels are those of `latest`, as the days go by. */
function chartOptions(place, latest, setPointed) {
  const { series, stacked } = latest.current;
  const axis = { stroke: painted(place, "faint"), font: "12px system-ui, sans-serif", ticks: { show: false } };
  const dayAt = (index) => latest.current.dates[index];
  return {
    width: place.clientWidth,
    height: HEIGHT,
    padding: [10, 4, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      x: { time: false, range: (_, first, last) => [first - 0.5, last + 0.5] },
      y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        space: 56,
        grid: { show: false },
        incrs: EVERY_NTH_DAY,
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
