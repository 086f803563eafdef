/** A chart by day, with a table for screen readers. Users select a day by mouse, touch or keys. */

import { shortDay } from "../short-day.js";
import { html, useEffect, useRef, useState } from "../ui.js";
import { HEIGHT, plotted, pointAt, uPlotOn } from "./plot.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1, PageUp: 7, PageDown: -7, Home: -Infinity, End: Infinity };

/**
 * `dates` are in UTC; `series` are `{name, values, colour}`, where `colour` is a custom property of the style sheet.
 * `stacked` series are drawn on top of each other. `format` formats a value, `formatShort` an axis label.
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
      plot.current = uPlotOn(place.current, latest, setPointed);
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

  const last = dates.length - 1;
  const at = pointed ?? last;
  const walk = (event) => {
    if (!(event.key in STEPS)) return;
    event.preventDefault();
    pointAt(plot.current, Math.max(0, Math.min(last, at + STEPS[event.key])));
  };
  const readings = series.map(({ name, values }) => `${name} ${format(values[at] ?? 0)}`);
  return html`
    <figure class="chart">
      <figcaption class="legend" aria-hidden="true">
        <span class="faint">${shortDay(dates[at])}</span>
        ${series.map(
          ({ name, values, colour }) => html`
            <span class="legend-item"><i class="swatch ${colour}"></i>${name} <b>${format(values[at] ?? 0)}</b></span>
          `,
        )}
      </figcaption>
      <div ref=${place} class="plot" tabindex="0" role="slider" aria-label=${label} aria-valuemin="0" aria-valuemax=${last}
        aria-valuenow=${at} aria-valuetext=${[shortDay(dates[at]), ...readings].join(", ")} onKeyDown=${walk} onBlur=${() => pointAt(plot.current, null)}></div>
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
              <tr><th scope="row">${shortDay(date)}</th>${series.map(({ values }) => html`<td>${format(values[index])}</td>`)}</tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `;
}
