/** Reads an OpenAPI 3.1 document. */

const METHODS = ["get", "post", "put", "delete"];

/** Every operation as `{method, path, operation}`, in the document's order. */
export function operationsOf(document) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({ method, path, operation: item[method] })),
  );
}

/** `node`, or the target of its `$ref`. */
export function resolved(document, node) {
  if (!node?.$ref) return node;
  return node.$ref
    .slice(2)
    .split("/")
    .reduce((part, name) => part[name.replaceAll("~1", "/").replaceAll("~0", "~")], document);
}

/** The JSON schema of a request or response. */
export function bodyOf(document, node) {
  return resolved(document, node)?.content?.["application/json"]?.schema;
}

const MAX_DEPTH = 4;

/** The fields of an object's schema, nested ones with a path: `{name, type, required, description}`. */
export function fieldsOf(document, schema, prefix = "", depth = 0) {
  const { properties = {}, required = [] } = resolved(document, schema);
  if (depth > MAX_DEPTH) return [];
  return Object.entries(properties).flatMap(([name, property]) => {
    const inner = innermost(document, property);
    const field = {
      name: prefix + name,
      type: typeOf(document, property),
      required: required.includes(name),
      description: property.description ?? inner.schema.description,
    };
    return [field, ...fieldsOf(document, inner.schema, `${prefix}${name}${inner.mark}.`, depth + 1)];
  });
}

/** The schema of a property without references, nulls and arrays. */
function innermost(document, property) {
  const schema = resolved(document, property);
  const choice = schema.anyOf?.find((one) => resolved(document, one).type !== "null");
  if (choice) return innermost(document, choice);
  if (schema.items) return { schema: innermost(document, schema.items).schema, mark: "[]" };
  return { schema, mark: "" };
}

function typeOf(document, property) {
  const schema = resolved(document, property);
  if (schema.anyOf) return [...new Set(schema.anyOf.map((one) => typeOf(document, one)))].join(" or ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(", ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.items) return `array of ${typeOf(document, schema.items)}`;
  const type = [schema.type ?? "any"].flat().join(" or ");
  return schema.format ? `${type} (${schema.format})` : type;
}
