/** The API reference, generated from the API's OpenAPI document. */

import { openapi } from "../api.js";
import { Loaded } from "../parts/states.js";
import { bodyOf, fieldsOf, operationsOf, resolved } from "../openapi.js";
import { useRequest } from "../request.js";
import { html } from "../ui.js";

export function Reference() {
  const request = useRequest(openapi, []);
  const show = (document) => html`
    <div data-test-id="api-reference">
      ${operationsOf(document).map((operation) => html`<${Operation} document=${document} ...${operation} />`)}
    </div>
  `;
  return html`<${Loaded} request=${request} show=${show} rows=${8} />`;
}

function Operation({ document, method, path, operation }) {
  const parameters = (operation.parameters ?? []).map((one) => resolved(document, one));
  const isPublic = operation.security?.length === 0;
  return html`
    <details class="operation">
      <summary>
        <span class="verb ${method}">${method.toUpperCase()}</span> <code>${path}</code>
        <span class="faint">${operation.summary}${isPublic && " · no credentials"}</span>
      </summary>
      ${operation.description && html`<p>${operation.description}</p>`}
      ${parameters.length > 0 && html`<h3>Parameters</h3><${Fields} of=${parameters.map(asField(document))} />`}
      <${Body} title="Request" document=${document} schema=${bodyOf(document, operation.requestBody)} />
      ${Object.entries(operation.responses).map(([status, response]) => {
        const found = resolved(document, response);
        const isError = Number(status) >= 400;
        return isError
          ? html`<p class="response"><code>${status}</code> <span class="faint">${found.description}</span></p>`
          : html`<${Body} title=${`Response ${status}`} document=${document} schema=${bodyOf(document, found)} />`;
      })}
    </details>
  `;
}

function asField(document) {
  return ({ name, in: place, required, description, schema }) => ({
    name: `${name}`,
    note: place,
    required,
    ...fieldsOf(document, { properties: { [name]: { ...schema, description } } })[0],
  });
}

function Body({ title, document, schema }) {
  if (!schema) return null;
  const fields = fieldsOf(document, schema);
  if (!fields.length) return null;
  return html`<h3>${title}</h3><${Fields} of=${fields} />`;
}

function Fields({ of }) {
  return html`
    <ul class="fields">
      ${of.map(
        ({ name, type, note, required, description }) => html`
          <li>
            <code>${name}</code> <span class="faint">${[type, note, required && "required"].filter(Boolean).join(" · ")}</span>
            ${description && html`<p>${description}</p>`}
          </li>
        `,
      )}
    </ul>
  `;
}
