// Draws the reference. This swagger-ui reads OpenAPI 3.0, so it is given the document in the words of 3.0: what differs is how a schema
// says "or null", its examples and its constants.
(function () {
  "use strict";

  const place = document.getElementById("reference");

  function schemaOf30(schema) {
    const types = Array.isArray(schema.type) ? schema.type : null;
    if (types) {
      const rest = types.filter((type) => type !== "null");
      const isNullable = rest.length < types.length;
      delete schema.type;
      if (rest.length === 1) schema.type = rest[0];
      else schema.anyOf = rest.map((type) => ({ type: type }));
      if (isNullable) schema.nullable = true;
    }
    if (Array.isArray(schema.anyOf)) {
      const rest = schema.anyOf.filter((each) => each.type !== "null");
      if (rest.length < schema.anyOf.length) {
        schema.nullable = true;
        delete schema.anyOf;
        if (rest.length === 1) schema.allOf = rest;
        else schema.anyOf = rest;
      }
    }
    if (Array.isArray(schema.examples)) {
      if (schema.examples.length) schema.example = schema.examples[0];
      delete schema.examples;
    }
    if ("const" in schema) {
      schema.enum = [schema.const];
      delete schema.const;
    }
    return schema;
  }

  function of30(node, isNames) {
    if (Array.isArray(node)) return node.map((each) => of30(each, false));
    if (node === null || typeof node !== "object") return node;
    const made = {};
    for (const [name, value] of Object.entries(node)) {
      const isData = !isNames && ["example", "examples", "default", "enum", "const"].includes(name);
      made[name] = isData ? value : of30(value, !isNames && name === "properties");
    }
    return isNames ? made : schemaOf30(made);
  }

  function draw(spec) {
    const bundle = window.SwaggerUIBundle;
    bundle({
      spec: Object.assign(of30(spec, false), { openapi: "3.0.3" }),
      domNode: place,
      presets: [bundle.presets.apis],
      deepLinking: true,
      displayRequestDuration: true,
      docExpansion: "list",
      defaultModelsExpandDepth: 0,
      tryItOutEnabled: true,
      validatorUrl: null,
    });
  }

  fetch(place.dataset.url, { credentials: "same-origin" })
    .then((answer) => answer.ok ? answer.json() : Promise.reject(new Error("status " + answer.status)))
    .then(draw)
    .catch((error) => { place.textContent = "openapi.json cannot be read (" + error.message + "); load this page again."; });
})();
