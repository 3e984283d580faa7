#!/usr/bin/env python3
"""Writes the wire types, request validation and route table of src/api from api/openapi.yaml.

    generate_api.py api/openapi.yaml OUT

For each tag (of an operation the first one counts) OUT/<tag>.h holds plain structs and the declarations
of the handlers, OUT/<tag>.cc encoders, decoders and one function per operation that binds the request
and calls its handler. OUT/routes.cc holds the route table, OUT/document.cc the document itself.
Types that several tags share are in OUT/common.h. Files are rewritten only when they change.
"""

import json
import pathlib
import re
import sys

import yaml

METHODS = ["get", "head", "post", "put", "patch", "delete"]
KEYWORDS = {"class", "default", "delete", "new", "operator", "register", "template", "this"}
# The matchers in src/api/patterns.h; a pattern that is not here stops the build.
PATTERNS = {
    r"^[a-z0-9][a-z0-9-]{2,62}$": "repository_name",
    r"^(s3|gs|https?|mem|local|transient)://.*$": "storage_namespace",
    r"^bytes=((\d*-\d*,? ?)+)$": "byte_range",
}


def snake(name):
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name.replace("-", "_"))
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()
    return name + "_" if name in KEYWORDS else name


def pascal(name):
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[-_]", name))


def quoted(text):
    return json.dumps(text, ensure_ascii=True)


class Contract:
    def __init__(self, document):
        self.document = document
        self.schemas = document["components"]["schemas"]
        self.operations = [Operation(self, path, method, item[method], item.get("parameters", []))
                           for path, item in document["paths"].items() for method in METHODS if method in item]
        self.place_schemas()

    def parameter(self, value):
        return self.document["components"]["parameters"][value["$ref"].split("/")[-1]] if "$ref" in value else value

    def place_schemas(self):
        """Finds for every struct the file it belongs to."""
        users = {}
        for operation in self.operations:
            for name in operation.reachable():
                users.setdefault(name, set()).add(operation.tag)
        self.home = {name: tags.pop() if len(tags) == 1 else "common" for name, tags in users.items()}

    def flat(self, schema):
        """A schema with references to it followed and allOf joined."""
        if "$ref" in schema:
            return self.flat(self.schemas[schema["$ref"].split("/")[-1]])
        if "allOf" not in schema:
            return schema
        joined = {"type": "object", "required": [], "properties": {}}
        for part in map(self.flat, schema["allOf"]):
            joined["required"] += part.get("required", [])
            joined["properties"].update(part.get("properties", {}))
        return joined

    def struct_name(self, schema):
        """The struct of a schema, or None when it is a text, a number, a list or a map."""
        if "$ref" not in schema:
            return schema.get("x-name")
        flat = self.flat(schema)
        return schema["$ref"].split("/")[-1] if "properties" in flat else None

    def references(self, schema, found):
        name = self.struct_name(schema)
        flat = self.flat(schema)
        if name:
            if name in found:
                return
            found.add(name)
        for value in flat.get("properties", {}).values():
            self.references(value, found)
        if "items" in flat:
            self.references(flat["items"], found)
        if isinstance(flat.get("additionalProperties"), dict):
            self.references(flat["additionalProperties"], found)

    def cpp_type(self, schema):
        name = self.struct_name(schema)
        if name:
            return name
        flat = self.flat(schema)
        kind = flat.get("type")
        if kind == "array":
            return f"std::vector<{self.cpp_type(flat['items'])}>"
        if kind == "object" and isinstance(flat.get("additionalProperties"), dict):
            return f"std::map<std::string, {self.cpp_type(flat['additionalProperties'])}>"
        return {"string": "std::string", "integer": "std::int64_t", "boolean": "bool", "object": None}[kind]

    def members(self, schema):
        """(JSON name, field, type, required, nullable, schema) of a struct's members."""
        flat = self.flat(schema)
        for name, value in flat["properties"].items():
            kind = self.cpp_type(value)
            if kind is None:
                continue
            sure = name in flat.get("required", []) or "default" in value
            yield name, snake(name), kind, sure, self.flat(value).get("nullable", False), value


class Operation:
    def __init__(self, contract, path, method, value, common):
        self.contract = contract
        self.path, self.method = path, method
        self.id = value["operationId"]
        self.name = snake(self.id)
        self.params_name = pascal(self.id) + "Params"
        self.tag = snake(value["tags"][0])
        self.anonymous = value.get("security") == []
        self.optional_login = value.get("x-tarn-optional-login", False)
        self.later = value.get("x-tarn-later", False)
        self.parameters = [contract.parameter(p) for p in common + value.get("parameters", [])]
        request = value.get("requestBody", {})
        self.body = request.get("content", {}).get("application/json", {}).get("schema")
        self.body_required = request.get("required", False)
        if self.body and "$ref" not in self.body and self.body.get("type") == "object":
            self.body["x-name"] = pascal(self.id) + "Body"
            contract.schemas[self.body["x-name"]] = self.body
        self.responses = [content["schema"] for response in value["responses"].values()
                          for kind, content in response.get("content", {}).items() if kind == "application/json"]

    def reachable(self):
        found = set()
        for schema in self.responses + ([self.body] if self.body else []):
            self.contract.references(schema, found)
        return found

    def body_name(self):
        """What the reference server calls the body's schema in its messages."""
        return self.body.get("$ref", "")


def sort_structs(contract, names):
    ordered = []

    def visit(name):
        if name in ordered:
            return
        inner = set()
        flat = contract.flat(contract.schemas[name])
        for value in flat["properties"].values():
            contract.references(value, inner)
        for other in sorted(inner & names - {name}):
            visit(other)
        ordered.append(name)

    for name in sorted(names):
        visit(name)
    return ordered


def struct_declaration(contract, name):
    lines = [f"struct {name} {{"]
    for _, field, kind, required, _, schema in contract.members(contract.schemas[name]):
        initial = {"bool": " = false", "std::int64_t": " = 0"}.get(kind, "")
        if "default" in schema:
            initial = f" = {str(schema['default']).lower()}"
        lines.append(f"    {kind} {field}{initial};" if required else f"    std::optional<{kind}> {field};")
    lines += ["};", f"void append(std::string& out, const {name}& value);",
              f"void decode(const Node& node, {name}& value);", ""]
    return lines


def encoder(contract, name):
    members = list(contract.members(contract.schemas[name]))
    unused = "" if members else "[[maybe_unused]] "
    lines = [f"void append(std::string& out, {unused}const {name}& value) {{", "    out += '{';"]
    sure = False
    for json_name, field, _, required, nullable, _ in members:
        if required:
            lines.append(f"    out += {quoted((',' if sure else '') + json.dumps(json_name) + ':')};" if sure or json_name == members[0][0]
                         else f"    comma(out);\n    out += {quoted(json.dumps(json_name) + ':')};")
            lines.append(f"    append(out, value.{field});")
            sure = True
        else:
            prefix = quoted("," + json.dumps(json_name) + ":") if sure else quoted(json.dumps(json_name) + ":")
            comma = "" if sure else "        comma(out);\n"
            if nullable:
                lines.append(f"    {{\n{comma}        out += {prefix};\n        append_or_null(out, value.{field});\n    }}")
                sure = True
            else:
                lines.append(f"    if (value.{field}) {{\n{comma}        out += {prefix};\n        append(out, *value.{field});\n    }}")
    lines += ["    out += '}';", "}", ""]
    return lines


def decode_value(contract, schema, target, depth=0):
    """Statements that decode `item` into `target`; `depth` keeps the names of nested entries apart."""
    entry = f"entry_{depth}"
    flat = contract.flat(schema)
    kind = flat.get("type")
    if contract.struct_name(schema):
        return f"decode(item, {target});"
    if kind == "string":
        rule = "{.minimum_length = %d, .pattern = %s, .allowed = %s, .nullable = %s}" % (
            flat.get("minLength", 0), "Pattern::" + PATTERNS[flat["pattern"]] if "pattern" in flat else "Pattern::none",
            quoted(json.dumps(flat["enum"], separators=(",", ":"))) if "enum" in flat else '""',
            "true" if flat.get("nullable") else "false")
        return f"{target} = item.text({rule});" if any(k in flat for k in ("minLength", "pattern", "enum", "nullable")) else f"{target} = item.text({{}});"
    if kind == "integer":
        low, high = flat.get("minimum"), flat.get("maximum")
        limits = ", ".join(str(x) if x is not None else f"std::numeric_limits<std::int64_t>::{side}()" for x, side in ((low, "min"), (high, "max")))
        return f"{target} = item.integer({limits});"
    if kind == "boolean":
        return f"{target} = item.boolean();"
    if kind == "array":
        inner = decode_value(contract, flat["items"], entry, depth + 1)
        return (f"item.elements({flat.get('minItems', 0)}, [&](const Node& item) {{ auto& {entry} = {target}.emplace_back(); {inner} }});")
    inner = decode_value(contract, flat["additionalProperties"], entry, depth + 1)
    return (f"item.members({{}}, [&](std::string_view key, const Node& item) {{ auto& {entry} = {target}[std::string(key)]; {inner} }});")


def decoder(contract, name):
    flat = contract.flat(contract.schemas[name])
    required = ", ".join(quoted(key) for key in flat.get("required", []))
    lines = [f"void decode(const Node& node, {name}& value) {{",
             "    node.members({%s}, [&]([[maybe_unused]] std::string_view key, [[maybe_unused]] const Node& item) {" % required]
    for json_name, field, _, is_required, _, schema in contract.members(flat):
        target = f"value.{field}" if is_required else f"value.{field}.emplace()"
        if not is_required and contract.flat(schema).get("type") in ("array", "object") and not contract.struct_name(schema):
            lines.append(f"        if (key == {quoted(json_name)}) {{ auto& made = value.{field}.emplace(); {decode_value(contract, schema, 'made')} return; }}")
        else:
            lines.append(f"        if (key == {quoted(json_name)}) {{ {decode_value(contract, schema, target)} return; }}")
    lines += ["    });", "    (void)value;", "}", ""]
    return lines


def parameter_field(parameter):
    """(type, initial value, how to read slot i)"""
    schema = parameter["schema"]
    kind, default = schema["type"], schema.get("default")
    if kind == "boolean":
        value = "true" if default else "false"
        return "bool", f" = {value}", f"bound.flag(%d, {value})"
    if kind == "integer":
        if default is not None or parameter.get("required"):
            return "std::int64_t", f" = {default or 0}", f"bound.integer(%d).value_or({default or 0})"
        return "std::optional<std::int64_t>", "", "bound.integer(%d)"
    if kind == "array":
        return "std::vector<std::string>", "", "bound.list(%d)"
    if parameter.get("required"):
        return "std::string", "", "bound.text(%d)"
    if default is not None:
        return "std::string", f" = {quoted(default)}", f"bound.text_or(%d, {quoted(default)})"
    return "std::optional<std::string>", "", "bound.optional_text(%d)"


def parameter_rule(parameter, position):
    schema = parameter["schema"]
    kind = {"string": "text", "integer": "integer", "boolean": "boolean", "array": "list"}[schema["type"]]
    pattern = "Pattern::" + PATTERNS[schema["pattern"]] if "pattern" in schema else "Pattern::none"
    if schema.get("format") == "date-time":
        pattern = "Pattern::date_time"
    allowed = quoted(json.dumps(schema["enum"], separators=(",", ":"))) if "enum" in schema else '""'
    return ("    {.name = %s, .place = Place::%s, .kind = Kind::%s, .required = %s, .allow_empty = %s, .minimum = %s, "
            ".maximum = %s, .pattern = %s, .allowed = %s, .segment = %d}," % (
                quoted(parameter["name"]), parameter["in"], kind, str(parameter.get("required", False)).lower(),
                str(parameter.get("allowEmptyValue", False)).lower(), schema.get("minimum", "no_minimum"),
                schema.get("maximum", "no_maximum"), pattern, allowed, position))


def operation_declaration(operation):
    lines = [f"struct {operation.params_name} {{"]
    for parameter in operation.parameters:
        kind, initial, _ = parameter_field(parameter)
        lines.append(f"    {kind} {snake(parameter['name'])}{initial};")
    return lines + ["};", ""]


def handler_declaration(operation):
    body = f", wire::{operation.contract.cpp_type(operation.body)} body" if operation.body else ""
    if operation.body and operation.contract.cpp_type(operation.body).startswith("std::"):
        body = f", {operation.contract.cpp_type(operation.body).replace('<', '<wire::')} body"
    return f"Task<http::Response> {operation.name}(Call& call, wire::{operation.params_name} params{body});"


def binding(operation):
    segments = [part for part in operation.path.split("/") if part.startswith("{")]
    lines = []
    if operation.parameters:
        lines.append(f"constexpr Rule {operation.name}_rules[] = {{")
        for parameter in operation.parameters:
            position = segments.index("{%s}" % parameter["name"]) if parameter["in"] == "path" else -1
            lines.append(parameter_rule(parameter, position))
        lines.append("};")
    lines += [f"Task<http::Response> run_{operation.name}(Call& call) {{",
              f"    [[maybe_unused]] wire::{operation.params_name} params;"]
    if operation.parameters:
        lines += [f"    Bound bound(call, {operation.name}_rules);", "    if (bound.refused()) co_return bound.refusal();"]
        for index, parameter in enumerate(operation.parameters):
            lines.append(f"    params.{snake(parameter['name'])} = {parameter_field(parameter)[2] % index};")
    arguments = "call, std::move(params)"
    if operation.body:
        kind = operation.contract.cpp_type(operation.body)
        kind = kind.replace("<", "<wire::") if kind.startswith("std::") else "wire::" + kind
        lines += [f"    {kind} body;", f"    Body text = co_await read_body(call, {str(operation.body_required).lower()});",
                  "    if (text.refusal) co_return std::move(*text.refusal);",
                  "    if (!text.bytes.empty()) {",
                  f"        auto refusal = decode_body(text.bytes, {quoted(operation.body_name())}, [&](const Node& item) {{ {decode_value(operation.contract, operation.body, 'body')} }});",
                  "        if (refusal) co_return std::move(*refusal);", "    }"]
        arguments += ", std::move(body)"
    access = "none" if operation.anonymous else "optional" if operation.optional_login else "required"
    lines += [f"    std::optional<http::Response> stopped = co_await admit(call, Access::{access});",
              "    if (stopped) co_return std::move(*stopped);"]
    lines += ["    co_return not_built(call);" if operation.later else f"    co_return co_await {operation.name}({arguments});", "}", ""]
    return lines


BANNER = "// Generated from api/openapi.yaml by scripts/generate_api.py.\n"


def header(contract, tag, operations):
    names = {name for name, home in contract.home.items() if home == tag}
    lines = [BANNER + "#pragma once", "", "#include <cstdint>", "#include <map>", "#include <optional>", "#include <string>",
             "#include <vector>", "", '#include "api/json.h"', '#include "api/node.h"']
    if tag != "common":
        lines += ['#include "api/wire/common.h"', '#include "api/call.h"']
    lines += ["", "namespace tarn::api::wire {", ""]
    for name in sort_structs(contract, names):
        lines += struct_declaration(contract, name)
    for operation in operations:
        lines += operation_declaration(operation)
    lines += ["}  // namespace tarn::api::wire", ""]
    if operations:
        lines += ["namespace tarn::api {", ""] + [handler_declaration(o) for o in operations if not o.later]
        lines += [f"Task<http::Response> run_{o.name}(Call& call);" for o in operations] + ["", "}  // namespace tarn::api", ""]
    return "\n".join(lines)


def source(contract, tag, operations):
    names = {name for name, home in contract.home.items() if home == tag}
    lines = [BANNER + f'#include "api/wire/{tag}.h"', "", "#include <limits>", "#include <utility>", "",
             '#include "api/binding.h"', "", "namespace tarn::api::wire {", ""]
    for name in sort_structs(contract, names):
        lines += encoder(contract, name) + decoder(contract, name)
    lines += ["}  // namespace tarn::api::wire", "", "namespace tarn::api {", ""]
    if operations:
        for operation in operations:
            rules = binding(operation)
            lines += rules
    lines += ["}  // namespace tarn::api", ""]
    return "\n".join(lines)


def routes(contract):
    nodes = [{"literals": {}, "variable": None, "methods": {}}]
    for operation in contract.operations:
        at = 0
        for part in operation.path.strip("/").split("/"):
            if part.startswith("{"):
                if nodes[at]["variable"] is None:
                    nodes[at]["variable"] = len(nodes)
                    nodes.append({"literals": {}, "variable": None, "methods": {}})
                at = nodes[at]["variable"]
            else:
                if part not in nodes[at]["literals"]:
                    nodes[at]["literals"][part] = len(nodes)
                    nodes.append({"literals": {}, "variable": None, "methods": {}})
                at = nodes[at]["literals"][part]
        nodes[at]["methods"][operation.method] = operation
    lines = [BANNER + '#include "api/routes.h"', ""]
    lines += [f'#include "api/wire/{tag}.h"' for tag in sorted({o.tag for o in contract.operations})]
    lines += ["", "namespace tarn::api {", "namespace {", "", "constexpr Operation operations[] = {"]
    for operation in contract.operations:
        lines.append(f"    {{.id = {quoted(operation.id)}, .method = {quoted(operation.method.upper())}, .path = {quoted(operation.path)}, .run = &run_{operation.name}}},")
    lines += ["};", "", "constexpr Edge edges[] = {"]
    first = []
    count = 0
    for node in nodes:
        first.append(count)
        for text, target in sorted(node["literals"].items()):
            lines.append(f"    {{{quoted(text)}, {target}}},")
            count += 1
    lines += ["};", "", "constexpr RouteNode nodes[] = {"]
    index = {operation: i for i, operation in enumerate(contract.operations)}
    for node, start in zip(nodes, first):
        methods = ", ".join(str(index[node["methods"][m]]) if m in node["methods"] else "-1" for m in METHODS)
        variable = -1 if node["variable"] is None else node["variable"]
        lines.append(f"    {{.edges_first = {start}, .edges_count = {len(node['literals'])}, .variable = {variable}, .operations = {{{methods}}}}},")
    lines += ["};", "", "}  // namespace", "", "std::span<const Operation> all_operations() { return operations; }",
              "std::span<const Edge> all_edges() { return edges; }", "std::span<const RouteNode> all_nodes() { return nodes; }", "",
              "}  // namespace tarn::api", ""]
    return "\n".join(lines)


def document_source(document):
    def plain(value):
        if isinstance(value, dict):
            return {str(k): plain(v) for k, v in value.items() if not str(k).startswith("x-tarn") and k != "x-name"}
        return [plain(v) for v in value] if isinstance(value, list) else value

    def literal(text):
        return "\n".join(f'    R"~({text[i:i + 8000]})~"' for i in range(0, len(text), 8000))

    as_json = json.dumps(plain(document), separators=(",", ":"))
    as_yaml = yaml.safe_dump(plain(document), sort_keys=False, allow_unicode=True)
    return "\n".join([BANNER + '#include "api/document.h"', "", "namespace tarn::api {", "",
                      "std::string_view openapi_document() {", "    return", literal(as_json) + ";", "}", "",
                      "std::string_view openapi_yaml() {", "    return", literal(as_yaml) + ";", "}", "",
                      "}  // namespace tarn::api", ""])


def write(path, text):
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def main():
    document = yaml.safe_load(pathlib.Path(sys.argv[1]).read_text())
    out = pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    write(out / "document.cc", document_source(document))
    contract = Contract(document)
    for tag in sorted({o.tag for o in contract.operations} | {"common"}):
        operations = [o for o in contract.operations if o.tag == tag]
        write(out / f"{tag}.h", header(contract, tag, operations))
        write(out / f"{tag}.cc", source(contract, tag, operations))
    write(out / "routes.cc", routes(contract))
    if len(sys.argv) > 3:
        print(";".join(sorted(str(p.name) for p in out.glob("*.cc"))))


if __name__ == "__main__":
    main()
