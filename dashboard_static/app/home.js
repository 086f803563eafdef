/** The first screen: its address, and its data, asked for while the scripts that show it are still on their way. */

import { payments, stats } from "./api.js";
import { current } from "./session.js";

export const HOME = "/dashboard";

const DAYS = 30;
export const LATEST = 6;

/** The totals and the last days. */
export const figures = early((signal) => stats(DAYS, signal));
export const latestPayments = early((signal) => payments({ limit: LATEST }, signal));

/** `load`, begun at once where the first screen is opened: whoever of that session calls first gets this answer. */
function early(load) {
  const asker = current();
  let begun = asker && location.pathname === HOME ? load() : undefined;
  begun?.catch(() => {}); // told to whoever calls
  return (signal) => {
    const answer = begun && current() === asker ? begun : load(signal);
    begun = undefined;
    return answer;
  };
}
