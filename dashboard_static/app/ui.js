/** The UI library of the views: preact and htm in one module. */
export { html, render, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../vendor/preact.js";
