/** The address, data and chart of the first screen. They are requested while the scripts that show them are still loading. */

import { payments, stats } from "./api.js";
import { imported } from "./imported.js";
import { current } from "./session.js";

export const HOME = "/dashboard";

const DAYS = 30;
export const LATEST = 6;

/** The totals and the last days. */
export const figures = early((signal) => stats(DAYS, signal));
/** The component that draws a chart: its library is as large as the rest of the screen, which is shown first. */
export const chart = early(async () => (await imported(() => import("./parts/chart.js"))).Chart);
export const latestPayments = early((signal) => payments({ limit: LATEST }, signal));

/** `load`, started immediately if the first screen is open. The first call of the same session gets this response. */
function early(load) {
  const asker = current();
  let begun = asker && location.pathname === HOME ? load() : undefined;
  begun?.catch(() => {}); // the caller handles the error
  return (signal) => {
    const answer = begun && current() === asker ? begun : load(signal);
    begun = undefined;
    return answer;
  };
}
