/** Selects the view by the address and by whether a session exists. */

import { HOME } from "./home.js";
import { imported } from "./imported.js";
import { setTitle } from "./mode.js";
import { Notices } from "./parts/notice.js";
import { Shell } from "./parts/shell.js";
import { Loading, Problem } from "./parts/states.js";
import { address, link, navigate, useAddress } from "./router.js";
import { afterSignIn, LOGIN, ROUTES } from "./routes.js";
import { current, onChange } from "./session.js";
import { html, useEffect, useState } from "./ui.js";
import { Login } from "./views/login.js";
import { SignInAgain } from "./views/sign-in-again.js";

export function App() {
  const { path, query } = useAddress();
  const session = useSession();
  const elsewhere = redirection(path, query, session);
  useEffect(() => {
    if (elsewhere) navigate(elsewhere, { replace: true });
  }, [elsewhere]);

  if (elsewhere) return null;
  return html`
    ${path === LOGIN
      ? html`<${Login} />`
      : html`
          <${Shell} key=${session.merchant.id} path=${path} search=${location.search}><${View} key=${path} path=${path} /><//>
          ${!session.token && html`<${SignInAgain} />`}
        `}
    <${Notices} />
  `;
}

function useSession() {
  const [session, setSession] = useState(current);
  useEffect(() => onChange(() => setSession(current())), []);
  return session;
}

/** The address to redirect to, or null. */
function redirection(path, query, session) {
  if (path === "/" || path === "") return session ? HOME : LOGIN;
  if (path === LOGIN) return session ? afterSignIn(query.next) : null;
  return session ? null : link(LOGIN, { next: address().path + location.search });
}

function View({ path }) {
  const route = ROUTES[path];
  const [state, setState] = useState({});
  const load = async () => {
    try {
      const component = await imported(route.load);
      setState({ component });
    } catch (error) {
      setState({ error });
    }
  };
  useEffect(() => {
    setTitle(route?.menu ?? "Not found");
    if (route) load();
  }, []);

  if (!route) return html`<h1 tabindex="-1">Not found</h1><p>This page does not exist. <a href=${HOME}>Go to the overview</a></p>`;
  if (state.error) return html`<${Problem} error=${state.error} retry=${load} />`;
  return state.component ? html`<${state.component} />` : html`<${Loading} />`;
}
